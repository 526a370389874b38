import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { startZvmSimulator } from '../../simulators/zvm/server.ts';
import type { ZvmSimulatorOptions } from '../../simulators/zvm/server.ts';
import { callAt } from '../adapters/zvm/guard/testing/guarded.ts';
import { bodies } from '../domain/guard/testing/calls.ts';
import { readGuardOptions } from './guard-options.ts';

const main = join(import.meta.dirname, '..', 'main.ts');
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'guard-'));
  closers.push(() => rm(path, { recursive: true }));
  return path;
}

async function simulator(options: ZvmSimulatorOptions = {}): Promise<string> {
  const started = await startZvmSimulator(options);
  closers.push(() => started.close());
  return started.url;
}

interface Started {
  readonly url: string;
  readonly child: ChildProcess;
  readonly printed: readonly string[];
  /** Resolves with what it ended by. */
  readonly ended: Promise<number | string>;
}

async function startGuard(feilong: string, ...more: readonly string[]): Promise<Started> {
  const options = ['--feilong', feilong, '--prefix', 'za0', '--worker', '127.0.0.1', '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [main, 'guard', ...options, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  closers.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const printed: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => printed.push(line));
  await once(lines, 'line');
  const ended = Promise.all([exited, once(lines, 'close')]).then(
    ([[code, signal]]) => (signal ?? code) as number | string,
  );
  return { url: /^(\S+) guards /.exec(printed[0] ?? '')?.[1] ?? '', child, printed, ended };
}

async function until<T>(look: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const importing = { image: { ...bodies.import.image, remote_host: 'root@127.0.0.1' } };

describe('sidegate guard', () => {
  it('killed in the middle of a create knows after its restart what may be there, and which images are the worker’s', async () => {
    const feilong = await simulator({ createTime: 300 });
    const ledger = join(await folder(), 'ledger.jsonl');
    const first = await startGuard(feilong, '--ledger', ledger);
    await callAt(first.url, 'POST /images', importing);
    const create = callAt(first.url, 'POST /guests', bodies.create).catch(() => 'nobody answered');
    await until(
      () => readFile(ledger, 'utf8'),
      (text) => text.includes('"ZA000001","state":"intended"'),
    );

    first.child.kill('SIGKILL');
    const heard = await create;
    const second = await startGuard(feilong, '--ledger', ledger);
    const image = await callAt(second.url, 'GET /images?imagename=image-1');
    await until(
      () => callAt(second.url, 'GET /guests'),
      ({ body }) => (body.output as string[]).length > 0,
    );
    second.child.kill('SIGINT');
    const status = await second.ended;

    expect([heard, image.status, status]).toEqual(['nobody answered', 200, 0]);
    expect(second.printed.slice(-2)).toEqual(['Images left in Feilong: image-1', 'Guests left: ZA000001']);
  });

  it('waits on Ctrl-C for calls in flight, and says what happened', async () => {
    const feilong = await simulator({ createTime: 500 });
    const trace = join(await folder(), 'calls.txt');
    const guard = await startGuard(feilong, '--trace', trace);
    const created = callAt(guard.url, 'POST /guests', bodies.create);
    await callAt(guard.url, 'DELETE /guests/MAINT');
    await callAt(guard.url, 'GET /host');

    guard.child.kill('SIGINT');
    const [{ status }, ended, text] = [await created, await guard.ended, await readFile(trace, 'utf8')];

    expect([status, ended]).toEqual([200, 0]);
    expect(guard.printed).toContain(
      '3 calls: 1 guests created, 0 deployed, 0 started, 0 deleted; 1 calls refused, 0 failed',
    );
    expect(text).toContain(
      'DELETE /guests/MAINT | 403 overallRC 403 rc 403 rs 1 | REFUSED: MAINT does not begin with ZA0',
    );
  });

  it('that nobody can reach Feilong through still ends, and goes by its ledger', async () => {
    const feilong = await startZvmSimulator();
    const guard = await startGuard(feilong.url);
    await callAt(guard.url, 'POST /guests', bodies.create);
    await feilong.close();

    guard.child.kill('SIGTERM');
    const status = await guard.ended;

    expect(status).toBe(0);
    expect(guard.printed.at(-1)).toBe('By the ledger: ZA000001');
  });

  it('names every mistake of its options at once', async () => {
    const place = await folder();
    await writeFile(join(place, 'no.pem'), 'something else');

    const attempt = readGuardOptions({
      feilong: 'feilong:8080',
      prefix: '0',
      worker: 'worker.example.com',
      listen: '127.0.0.1:70000',
      certificate: join(place, 'no.pem'),
      ca: join(place, 'missing.pem'),
      tokenFile: join(place, 'missing'),
      deploys: '0',
      vswitch: ['VSW2', 'longer-than-8'],
    });

    await expect(attempt).rejects.toMatchObject({
      code: 'options-invalid',
      detail: [
        '--feilong must be an address such as https://ci.example.com.',
        '--prefix must be 2 to 7 letters or digits, the first one a letter.',
        '--worker must be an IP address.',
        '--listen must be ADDRESS:PORT, such as 192.0.2.1:8081 or [::1]:8081; port 0 takes a free one.',
        `--token-file: ${place}/missing does not exist.`,
        '--certificate and --key belong together: give both, or neither.',
        `--certificate: ${place}/no.pem holds no certificate in PEM form.`,
        `--ca: ${place}/missing.pem does not exist.`,
        '--deploys must be a whole number from 1 to 99.',
        '--vswitch must be at most 8 letters and digits.',
      ].join(' '),
    });
  });
});
