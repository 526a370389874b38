import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Backend } from '../../ports/backend.ts';
import { sleep } from '../../shared/clock.ts';
import { createCommandBackend } from './create-command-backend.ts';
import type { CommandBackendOptions } from './create-command-backend.ts';

const slot = { backend: 'array', prefix: 'ZA', generation: 7 };
const build = '6b1f';
const nothing = { guests: [], images: [] };
const hold = { renew: async () => true, signal: new AbortController().signal };

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'command-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

function backendWith(scripts: Partial<CommandBackendOptions>): Backend {
  return createCommandBackend({
    name: 'array',
    prepare: 'exit 9',
    clean: 'exit 9',
    check: undefined,
    timeout: 60_000,
    ...scripts,
  });
}

/** A script that says what is in a file. */
function say(answer: unknown): string {
  return `cat <<'END_OF_ANSWER'\n${JSON.stringify(answer)}\nEND_OF_ANSWER`;
}

async function gone(pid: string): Promise<void> {
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'Z');
    if (/\) Z |^Z$/.test(state)) return;
    await sleep(20);
  }
}

describe('prepare', () => {
  test('reads what slot it is about as one line of JSON, and answers variables of the job', async () => {
    const variables = { ARRAY_PORTAL: '192.0.2.9:3260', ARRAY_NOTE: `it's "two"\nlines` };
    const backend = backendWith({ prepare: `cat >${directory}/read\npwd\n${say({ variables, ignored: 1 })}` });

    const answer = await backend.prepareSlot(slot, build, hold);

    expect(answer).toEqual(variables);
    expect(await readFile(join(directory, 'read'), 'utf8')).toBe(
      '{"version":1,"action":"prepare","backend":"array","slot":"ZA","generation":7,"build":"6b1f","made":{"guests":[],"images":[]}}\n',
    );
  });

  test('may answer no variables', async () => {
    expect(await backendWith({ prepare: 'echo {}' }).prepareSlot(slot, build, hold)).toEqual({});
  });

  test('learns nothing of the environment of sidegate', async () => {
    vi.stubEnv('DATABASE_URL', 'secret');
    const backend = backendWith({ prepare: `env | cut -d= -f1 >${directory}/names\npwd >${directory}/pwd\necho {}` });

    await backend.prepareSlot(slot, build, hold);

    const names = (await readFile(join(directory, 'names'), 'utf8')).trim().split('\n');
    expect(names.filter((name) => !['PWD', 'SHLVL', 'OLDPWD', '_'].includes(name)).toSorted()).toEqual([
      'HOME',
      'PATH',
    ]);
    expect(await readFile(join(directory, 'pwd'), 'utf8')).toBe('/\n');
  });

  test.each([
    ['exit 3', 'exit status 3'],
    ['echo {}; false', 'exit status 1'],
    ['echo "no licence" >&2; exit 1', 'exit status 1; its output ends with: no licence'],
    ['kill -9 $$', 'killed by SIGKILL'],
    ['true', 'it answered nothing'],
    ['printf "\\n\\n"', 'it answered nothing'],
    ['echo {}; echo done', 'its last line of output is no JSON: done'],
    [`printf '\\033[31mred\\u202e\\n'`, 'its last line of output is no JSON: red'],
    ['echo \'{"variables":{"A":"b"}\'', 'is no JSON'],
    ['echo null', 'wrong document'],
    ['echo []', 'wrong document'],
    ['echo 1', 'wrong document'],
    [say({ variables: { SIDEGATE_PREFIX: 'ZB' } }), 'wrong variables.SIDEGATE_PREFIX'],
    [say({ variables: { path: '/tmp' } }), 'wrong variables.path'],
    [say({ variables: { 'A;reboot': '' } }), 'wrong variables.A;reboot'],
    [say({ variables: { A: 1 } }), 'wrong variables.A'],
    [say({ variables: { A: 'x\0y' } }), 'wrong variables.A: must not hold a NUL'],
    [say({ variables: { A: 'x'.repeat(32_769) } }), 'wrong variables.A'],
    [
      say({ variables: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`A${n}`, ''])) }),
      'wrong variables: are more than 100',
    ],
    ['yes', 'it writes more than 1048576 bytes to standard output'],
  ])('%# fails and says so', async (prepare, words) => {
    const failure = backendWith({ prepare }).prepareSlot(slot, build, hold);

    const detail = await failure.catch((error: { code: string; detail: string }) => `${error.code} ${error.detail}`);
    expect(detail).toContain('command-failed array: prepare of ZA: ');
    expect(detail).toContain(words);
    expect(detail).toMatch(/^[^\p{Cc}\u202e]{0,2000}$/u);
  });

  test('takes what it may write without end on standard error, and keeps the end', async () => {
    const noise = `head -c 5000000 /dev/zero | tr '\\0' x >&2; printf '\\nno power\\n' >&2`;

    const answer = await backendWith({ prepare: `${noise}; echo {}` }).prepareSlot(slot, build, hold);
    const failure = backendWith({ prepare: `${noise}; exit 1` }).prepareSlot(slot, build, hold);

    expect(answer).toEqual({});
    await expect(failure).rejects.toThrow(/x no power$/);
  });

  test('is killed with its children after its timeout, and whatever it left is killed at its end', async () => {
    const slow = `sleep 300 & echo $! >${directory}/slow; wait`;
    const leaving = `sleep 300 & echo $! >${directory}/left; echo {}`;

    const failure = backendWith({ prepare: slow, timeout: 2000 }).prepareSlot(slot, build, hold);
    await expect(failure).rejects.toThrow('it takes longer than 2000 ms');
    const answer = await backendWith({ prepare: leaving }).prepareSlot(slot, build, hold);

    expect(answer).toEqual({});
    await gone((await readFile(join(directory, 'slow'), 'utf8')).trim());
    await gone((await readFile(join(directory, 'left'), 'utf8')).trim());
  });
});

describe('clean', () => {
  test('reads what is known to have been made, and answers what it found', async () => {
    const made = { guests: ['ZA000001'], images: [] };
    const backend = backendWith({ clean: `cat >${directory}/read\n${say({ found: ['volume-1', 'volume-2'] })}` });

    const round = await backend.cleanSlot(slot, made, hold);

    expect(round).toEqual({ found: ['volume-1', 'volume-2'], trouble: '' });
    expect(JSON.parse(await readFile(join(directory, 'read'), 'utf8'))).toEqual({
      version: 1,
      action: 'clean',
      backend: 'array',
      slot: 'ZA',
      generation: null,
      build: null,
      made,
    });
  });

  test('says what it could not remove and why; that is found even when the script forgot to say so', async () => {
    const answer = { found: ['volume-1'], left: [{ what: 'volume-2', why: 'in use by\nhost\u001b[31m 7' }] };

    const round = await backendWith({ clean: say(answer) }).cleanSlot(slot, nothing, hold);

    expect(round).toEqual({ found: ['volume-1', 'volume-2'], trouble: 'volume-2: in use by host 7' });
  });

  test('may find thousands; some of them are told', async () => {
    const found = Array.from({ length: 5000 }, (_, number) => `volume-${number}`);

    const round = await backendWith({ clean: say({ found }) }).cleanSlot(slot, nothing, hold);

    expect(round.found).toHaveLength(21);
    expect(round.found.at(-1)).toBe('4980 more');
  });

  test.each(['echo {}', 'echo \'{"found":null}\'', 'echo \'{"left":[]}\'', say({ found: [1] })])(
    '%j does not say that the slot is clean',
    async (script) => {
      const round = backendWith({ clean: script }).cleanSlot(slot, nothing, hold);

      await expect(round).rejects.toMatchObject({ code: 'command-failed' });
    },
  );

  test('does not begin while somebody else has the slot, and ends when it is told to', async () => {
    const begun = join(directory, 'begun');
    const backend = backendWith({ clean: `echo $$ >${begun}; sleep 300` });
    const stopping = new AbortController();

    const theirs = backend.cleanSlot(slot, nothing, { ...hold, renew: async () => false });
    await expect(theirs).rejects.toThrow('another process has taken over');
    await expect(access(begun)).rejects.toThrow('ENOENT');
    const ours = backend.cleanSlot(slot, nothing, { ...hold, signal: stopping.signal });
    const told = expect(ours).rejects.toThrow('it was told to stop');
    let pid = '';
    while (!pid.endsWith('\n')) {
      await sleep(20);
      pid = await readFile(begun, 'utf8').catch(() => '');
    }
    stopping.abort();

    await told;
    await gone(pid.trim());
  });
});

describe('check', () => {
  test('says how the system is and what is free; what it does not tell is no limit', async () => {
    const health = (answer: unknown) => backendWith({ check: say(answer) }).checkHealth();

    expect(await health({ text: 'array, 3 of 4 disks', free: { memory: 1024, disk: 99.5 } })).toEqual({
      text: 'array, 3 of 4 disks',
      free: { memory: 1024, disk: 99.5 },
    });
    expect(await health({ free: { disk: 1e12 } })).toEqual({
      text: '',
      free: { memory: 2_147_483_647, disk: 2_147_483_647 },
    });
    expect(await health({})).toEqual({ text: '', free: undefined });
  });

  test.each(['echo "no answer" >&2; exit 1', say({ free: { disk: -1 } }), say({ text: 1 }), 'echo well'])(
    '%j is an outage',
    async (check) => {
      await expect(backendWith({ check }).checkHealth()).rejects.toMatchObject({ code: 'command-failed' });
    },
  );

  test('that does not exist means well, and nothing is ever found in a free slot', async () => {
    const backend = backendWith({});

    expect(await backend.checkHealth()).toMatchObject({ free: undefined });
    expect(await backend.findStrays(['ZA0'])).toEqual(new Map());
  });
});
