import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sleep } from '../../shared/clock.ts';
import { startReset } from './run-reset.ts';
import { contentOf, gone } from '../../shared/testing/watch-script.ts';

const host = { name: 'host1', address: '192.0.2.1', hostKeys: [] };

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rack-reset-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

function run(reset: string, resetTimeout = 60_000): Promise<string | undefined> {
  const started = startReset({ reset, resetTimeout }, host);
  started.hold();
  return started.done;
}

describe('a reset script', () => {
  test('that exits with status 0 made the host as new', async () => {
    const trouble = await run(`echo "$SIDEGATE_HOST $SIDEGATE_ADDRESS $PWD" >${directory}/said`);

    expect(trouble).toBeUndefined();
    expect(await contentOf(directory, 'said')).toBe('host1 192.0.2.1 /');
  });

  test('learns nothing of the environment of sidegate', async () => {
    vi.stubEnv('OS_PASSWORD', 'secret');
    vi.stubEnv('DATABASE_URL', 'secret');

    await run(`env | cut -d= -f1 | sort | tr '\\n' ' ' >${directory}/said; echo >>${directory}/said`);

    const own = ['PWD', 'SHLVL', 'OLDPWD', '_'];
    const names = (await contentOf(directory, 'said')).split(' ').filter((name) => !own.includes(name));
    expect(names).toEqual(['HOME', 'PATH', 'SIDEGATE_ADDRESS', 'SIDEGATE_HOST']);
  });

  test.each([
    ['exit 3', 'exit status 3'],
    ['false; true', 'exit status 1'],
    ['false | true', 'exit status 1'],
    ['echo $NO_SUCH_VARIABLE >&2; kill -9 $$', 'unbound variable'],
    ['kill -9 $$', 'killed by SIGKILL'],
    ['if then', 'syntax error'],
  ])('%j fails and says so', async (script, words) => {
    const trouble = await run(script);

    expect(trouble).toContain(words);
  });

  test('may write without end and in colours; the end of it is told as one short line', async () => {
    const trouble = await run(
      `head -c 5000000 /dev/zero | tr '\\0' x; printf '\\n\\033[31mno\\033[0m\\tpower\\n\u202eon socket 7' >&2; exit 1`,
    );

    expect(trouble).toMatch(/^exit status 1; its output ends with: /);
    expect(trouble).toMatch(/x no power on socket 7$/);
    expect(trouble!.length).toBeLessThan(1000);
  });

  test('may be long, hold here-documents, wait for its children and read its empty input', async () => {
    const script = `#${'x'.repeat(500_000)}\ncat\nsleep 0 &\nwait\ncat >${directory}/said <<'EOF'\nit's $HOME\nEOF`;

    const trouble = await run(script);

    expect(trouble).toBeUndefined();
    expect(await contentOf(directory, 'said')).toBe(`it's $HOME`);
  });

  test('is killed with its children when it takes too long', async () => {
    const trouble = await run(`sleep 300 & echo $! >${directory}/pid; echo at work; wait`, 4000);

    expect(trouble).toBe('it takes longer than 4000 ms; its output ends with: at work');
    await gone(await contentOf(directory, 'pid'));
  });

  test('leaves nothing running when it is done', async () => {
    const trouble = await run(`sleep 300 & echo $! >${directory}/pid`);

    expect(trouble).toBeUndefined();
    await gone(await contentOf(directory, 'pid'));
  });

  test('does not begin before the host is ours, and never when it is not', async () => {
    const started = startReset({ reset: `echo >${directory}/begun`, resetTimeout: 60_000 }, host);

    await sleep(300);
    started.stop('another process resets the host');

    expect(await started.done).toBe('another process resets the host');
    await expect(readFile(join(directory, 'begun'))).rejects.toThrow('ENOENT');
  });
});

describe('without word from sidegate', () => {
  test('that was killed, its resets end with it', async () => {
    const runReset = JSON.stringify(new URL('run-reset.ts', import.meta.url).href);
    const program = join(directory, 'sidegate.mjs');
    await writeFile(
      program,
      `import { startReset } from ${runReset};
       const reset = 'echo $$ >${directory}/pid; sleep 300';
       startReset({ reset, resetTimeout: 60000 }, { name: 'a', address: 'a', hostKeys: [] }).hold();`,
    );
    const sidegate = spawn(process.execPath, [program], { stdio: 'ignore' });
    const pid = await contentOf(directory, 'pid');

    sidegate.kill('SIGKILL');

    await gone(pid);
  });
});
