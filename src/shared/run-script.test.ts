import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sleep } from './clock.ts';
import { holdScript } from './hold-script.ts';
import { startScript } from './run-script.ts';
import type { ScriptEnd, ScriptOptions } from './run-script.ts';
import { contentOf, gone } from './testing/watch-script.ts';

const runner = fileURLToPath(new URL('run-script.sh', import.meta.url));
const plain: ScriptOptions = {
  script: 'true',
  input: '',
  environment: {},
  timeout: 60_000,
  holdTime: 60_000,
  maxAnswer: 1000,
};

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'run-script-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function run(script: string, changes: Partial<ScriptOptions> = {}): Promise<ScriptEnd> {
  const started = startScript({ ...plain, ...changes, script });
  started.hold();
  return started.done;
}

describe('the answer of a script', () => {
  test('is what it writes on standard output, and only that', async () => {
    const end = await run('echo talk >&2; cat; echo end', { input: '{"a":"ü"}\n' });

    expect(end).toEqual({ ok: true, answer: '{"a":"ü"}\nend\n' });
  });

  test('is whole when a large input is read late', async () => {
    const input = `${'x'.repeat(300_000)}\n`;

    const end = await run('sleep 0.2; cat', { input, maxAnswer: 1_000_000 });

    expect(end).toEqual({ ok: true, answer: input });
  });

  test('is no error of it when the input is not read at all', async () => {
    const end = await run('exec <&-; echo done', { input: 'x'.repeat(300_000) });

    expect(end).toEqual({ ok: true, answer: 'done\n' });
  });

  test('may not be without end: the script is killed', async () => {
    const end = await run('echo at work >&2; yes');

    expect(end).toEqual({
      ok: false,
      trouble: 'it writes more than 1000 bytes to standard output; its output ends with: at work',
    });
  });

  test('does not count when it failed; what it wrote on standard error is told', async () => {
    const end = await run('echo "{}"; echo no power >&2; exit 4');

    expect(end).toEqual({ ok: false, trouble: 'exit status 4; its output ends with: no power' });
  });

  test('does not wait for what the script left behind in a session of its own', async () => {
    const end = await run(`setsid sh -c 'echo $$ >${directory}/pid; exec sleep 60' & sleep 0.3; echo done`);

    expect(end).toEqual({ ok: true, answer: 'done\n' });
    process.kill(Number(await contentOf(directory, 'pid')), 'SIGKILL');
  });
});

describe('a script that is held', () => {
  const pause = 100;

  test('runs for as long as the claim is renewed', async () => {
    const started = startScript({ ...plain, script: 'sleep 1.5; echo done', holdTime: 3 * pause });

    const end = await holdScript(started, { renew: async () => true, pause });

    expect(end).toEqual({ ok: true, answer: 'done\n' });
  });

  test('stops when somebody else has the claim', async () => {
    let renewals = 0;
    const started = startScript({ ...plain, script: `echo $$ >${directory}/pid; sleep 300` });

    const end = await holdScript(started, { renew: async () => (renewals += 1) < 3, pause });

    expect(end).toMatchObject({ ok: false, trouble: expect.stringContaining('another process has taken over') });
    await gone(await contentOf(directory, 'pid'));
  });

  test('stops by itself when nobody can say whose the claim is', async () => {
    const failures: unknown[] = [];
    let renewals = 0;
    const renew = async () => {
      renewals += 1;
      if (renewals > 1) throw new Error('no database');
      return true;
    };
    const started = startScript({ ...plain, script: 'sleep 300', holdTime: 1000 });

    const end = await holdScript(started, { renew, pause, onFailure: (error) => failures.push(error) });

    expect(end).toMatchObject({ ok: false, trouble: 'killed by SIGKILL' });
    expect(failures.length).toBeGreaterThan(1);
  });

  test('is not held by an answer that was long under way', async () => {
    const renew = async () => {
      await sleep(3 * pause);
      return true;
    };
    const started = startScript({ ...plain, script: 'echo begun', holdTime: 500 });

    const end = await holdScript(started, { renew, pause });

    expect(end).toMatchObject({ ok: false, trouble: 'exit status 125' });
  });

  test('stops when it is told to, also before it began', async () => {
    const stopping = new AbortController();
    const started = startScript({ ...plain, script: `echo $$ >${directory}/pid; sleep 300` });
    const held = holdScript(started, { renew: async () => true, pause, signal: stopping.signal });
    await contentOf(directory, 'pid');

    stopping.abort();
    const late = startScript({ ...plain, script: `echo >${directory}/begun` });
    const never = await holdScript(late, { renew: async () => true, pause, signal: stopping.signal });

    expect([await held, never]).toMatchObject([{ trouble: 'it was told to stop' }, { trouble: 'it was told to stop' }]);
    await expect(readFile(join(directory, 'begun'))).rejects.toThrow('ENOENT');
  });
});

describe('without word from sidegate', () => {
  function startRunner(seconds: number, script: string) {
    const child = spawn('bash', [runner, String(seconds)], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    (child.stdio[4] as Writable).end(script);
    return { child, claim: child.stdio[3] as Writable };
  }

  test('that has died, a script ends at once', async () => {
    const { child, claim } = startRunner(60, `echo $$ >${directory}/pid; sleep 300`);
    claim.write('\n');
    const pid = await contentOf(directory, 'pid');

    claim.destroy();
    const [, signal] = (await once(child, 'exit')) as [unknown, string];

    expect([signal, pid]).toEqual(['SIGKILL', String(child.pid)]);
  });

  test('that is frozen, a script ends when its claim can have run out', async () => {
    const { child, claim } = startRunner(1, `sleep 300`);
    claim.write('\n');

    const [, signal] = (await once(child, 'exit')) as [unknown, string];

    expect(signal).toBe('SIGKILL');
  });

  test('that died before it began, no script begins, not even with half of its text', async () => {
    const { child, claim } = startRunner(60, `echo >${directory}/begun`);

    claim.destroy();
    const [status] = (await once(child, 'exit')) as [number];

    expect(status).toBe(125);
    await expect(readFile(join(directory, 'begun'))).rejects.toThrow('ENOENT');
  });
});
