import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../test/story/world/look.ts';
import { forwardPort } from '../../test/story/world/forward-port.ts';
import { tryCopies } from '../../src/adapters/zvm/try-copies.ts';
import { askFeilong, createGuest, imagesOf } from '../feilong/ask-feilong.ts';
import { startFeilong } from '../feilong/start-feilong.ts';
import type { RealFeilong } from '../feilong/start-feilong.ts';
import { addressesOf } from '../openstack/bridge.ts';
import { labOpenstack } from '../openstack/lab-openstack.ts';
import type { RealOpenstack } from '../openstack/start-openstack.ts';
import { bootWorker } from './worker-server.ts';
import type { WorkerServer } from './worker-server.ts';

const lab = labOpenstack();
const home = '/opt/sidegate-lab';
/** Of the worker ZB0; the worker under test has ZA0, and its nova is told to use ZB0. */
const guests = ['ZB000001', 'ZB000002', 'ZB000003'];

describe.skipIf(!lab)('a worker whose nova is told to use the names of another worker', () => {
  const openstack = lab as RealOpenstack;
  const address = `${addressesOf(openstack?.place.bridge).lan}.1`;
  let folder: string;
  let feilong: RealFeilong;
  let worker: WorkerServer;
  /** Where its nova believes Feilong to be: first Feilong is there, then a guard. */
  let url: string;
  let closeForward: () => Promise<void>;
  let guard: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guard-lab-'));
    feilong = await startFeilong({ root: join(folder, 'feilong'), release: 'pypi' });
    url = `http://${address}:${feilong.place.restPort}`;
    closeForward = await forwardPort(address, feilong.place.restPort);
    for (const userid of guests) {
      await createGuest(feilong, userid);
      await askFeilong(feilong, `POST /guests/${userid}/action`, { action: 'start' });
    }
    worker = await bootWorker(openstack);
    await worker.run(`echo '${feilong.publicKey}' >>~/.ssh/authorized_keys`);
    await worker.runPhase('stack', { SIDEGATE_PREFIX: 'ZB0', SIDEGATE_FEILONG_URL: url });
  });
  afterAll(async () => {
    guard?.kill();
    await worker.remove();
    await closeForward();
    await feilong.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function bootServer(): Promise<string> {
    const output = await worker.run(`${home}/node ${home}/lab/zvm/worker/boot-server.ts ${home}/cloud/cloud.json`);
    return (JSON.parse(output) as { status: string }).status;
  }

  /** An answer to the worker: status, and body. */
  async function fromWorker(method: string, path: string): Promise<string> {
    return worker.run(`curl --silent --path-as-is --request ${method} --write-out ' %{http_code}' ${url}${path}`);
  }

  test('has Feilong copy from it and to it, as the doctor tries it', async () => {
    const [image, copy] = ['/root/trial', '/root/trial.copy'];
    await worker.run(`printf 'xCAT CKD Disk Image:%12s CYL' 1000 >${image}; head -c 65536 /dev/zero >>${image}`);
    const direct = { name: 'lab', url: feilong.url };
    const place = { user: 'root', address: worker.address };

    const good = await tryCopies(direct, 'trial', { ...place, image, copy });
    const bad = await tryCopies(direct, 'trial', { ...place, image: '/root/nothing', copy });
    const differences = await worker.run(`cmp ${image} ${copy} && echo none`);

    expect(good.map(({ ok, detail }) => [ok, detail])).toEqual(Array(3).fill([true, '']));
    expect(bad).toMatchObject([
      { ok: false, detail: expect.stringMatching(/No such file/) as string },
      { ok: false, unchecked: true },
    ]);
    expect(differences).toBe('none\n');
    expect(await imagesOf(feilong)).toEqual([]);
  });

  test('deletes that worker’s guest when there is no guard', async () => {
    const status = await bootServer();

    expect(status).toBe('ERROR');
    expect(await feilong.zvm.directory()).toEqual(guests.slice(1));
  });

  test('cannot see, touch or delete it through its guard', async () => {
    await closeForward();
    guard = await startGuard(folder, {
      feilong: feilong.url,
      prefix: 'ZA0',
      worker: worker.address,
      listen: new URL(url).host,
    });

    const status = await bootServer();
    const seen = JSON.parse((await fromWorker('GET', '/guests')).replace(/ 200$/, '')) as { output: unknown };
    const answers = [
      await fromWorker('GET', '/guests/ZB000002'),
      await fromWorker('DELETE', '/guests/zb000002'),
      await fromWorker('DELETE', '/guests/ZA0/../ZB000002'),
    ];

    expect(status).toBe('ERROR');
    expect(seen.output).toEqual([]);
    for (const answer of answers) expect(answer).toMatch(/ (400|403|404)$/);
    expect(await feilong.zvm.running()).toEqual(guests.slice(1));
    const trace = await readFile(join(folder, 'trace'), 'utf8');
    expect(trace).toMatch(/POST \/guests\b.*REFUSED/);
    expect(trace).toMatch(/DELETE \/guests\/ZB000002.*REFUSED/i);
  });
});

/** `sidegate guard`, listening. */
async function startGuard(folder: string, options: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const main = join(import.meta.dirname, '../../src/main.ts');
  const all = { ...options, trace: join(folder, 'trace'), ledger: join(folder, 'ledger') };
  const words = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [main, 'guard', ...words, '--until-stdin-closes'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await Promise.race([
    until(
      async () => output,
      (text) => text.includes(' guards '),
    ),
    once(child, 'exit'),
  ]);
  if (child.exitCode !== null) throw new Error(`the guard ended with ${child.exitCode}: ${output}`);
  return child;
}
