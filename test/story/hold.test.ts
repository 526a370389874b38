import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSshRemoteJobs } from '../../src/adapters/ssh/ssh-remote-jobs.ts';
import type { RemoteHost } from '../../src/ports/remote-jobs.ts';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';
import { commented, nothing, remains, until } from './world/look.ts';
import { askSidegate } from './world/run-sidegate.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

describe('a server that a person asked for', () => {
  let world: World;
  const person = generateSshKey('person@example');
  const persons = createSshRemoteJobs(person.privateKey);
  const key = () => join(world.directory, 'person.pub');

  beforeAll(async () => {
    world = await startWorld();
    await writeFile(key(), person.publicKey);
    await world.startSidegate();
  });
  afterAll(async () => {
    persons.close();
    await world.stop();
  });

  function hold(...args: readonly string[]): Promise<string> {
    return askSidegate(world, 'hold', ...args);
  }

  function ask(...args: readonly string[]): Promise<string> {
    return hold('--key', key(), '--reason', 'a guest without address', '--by', 'ann', ...args);
  }

  async function listed(id: string): Promise<string> {
    const blocks = (await hold('list')).split(/\n(?! )/);
    return blocks.find((block) => block.startsWith(id)) ?? '';
  }

  /** What `hold list` tells a person about logging in. */
  function hostIn(text: string): RemoteHost {
    const [, port, user, address] = /log in: ssh -p (\d+) (\S+)@(\S+)/.exec(text) ?? [];
    const hostKeys = [...text.matchAll(/known_hosts: \S+ (\S+ \S+)/g)].map((match) => match[1]!);
    return { port: Number(port), user: user!, address: address!, hostKeys };
  }

  /** The person logs in and starts something, as nothing else can. */
  async function logIn(host: RemoteHost): Promise<string> {
    let console = '';
    const job = { id: 'person', epoch: 1, environment: {}, timeout: 10_000, consoleLimit: 1000 };
    const phases = [{ name: 'look', script: 'ls -d "$HOME"/.sidegate/*/artifacts/*' }];
    await persons.follow(
      host,
      { ...job, phases },
      {
        offset: 0,
        onConsole: async (chunk) => void (console += chunk.toString()),
        onPhase: () => {},
        signal: AbortSignal.timeout(20_000),
      },
    );
    persons.disconnect(host);
    return console;
  }

  test('stays after its build has failed and was reported, through a restart, until it is let go; then nothing is left', async () => {
    const [, id = ''] = /^Hold (\w{7}) waits/.exec(await ask('--project', 'openstack/nova', '--job', 'story')) ?? [];
    const good = await world.push({ guests: 1 });
    await commented(world, good);
    const pushed = await world.push({ guests: 1, leak: true, tests: { 'story.create': 'fail' } });
    const { verified } = await commented(world, pushed);
    const shown = await until(
      () => listed(id),
      (text) => text.includes('log in: '),
    );
    await world.stopSidegates();
    await world.startSidegate();

    const seen = await logIn(hostIn(shown));
    const held = await until(
      () => remains(world),
      ({ servers }) => new Set(servers.map((name) => name.split(' ').at(-1))).size === 1,
    );
    const released = await hold('release', id);
    await until(
      () => remains(world),
      (left) => JSON.stringify(left) === JSON.stringify(nothing),
    );

    expect(verified).toBe(-1);
    expect(shown).toMatch(/^\w{7} {2}holding until \S+ build \w{7} for ann: a guest without address$/m);
    expect(seen).toContain('testrepository.subunit');
    expect([held.guests.length, held.slots.length]).toEqual([1, 1]);
    expect(released).toBe(`Hold ${id} has ended.\n`);
    expect(await listed(id)).toMatch(/^\w{7} {2}ended /);
    await expect(logIn(hostIn(shown))).rejects.toMatchObject({ code: 'ssh-unreachable' });
  });

  test('of a build that runs is kept when the build succeeds, and goes by itself when its time is over', async () => {
    world.recorder.starts.clear();
    const pushed = await world.push({ seconds: 3 });
    const [build = ''] = await until(
      async () => [...world.recorder.starts.keys()],
      ({ length }) => length === 1,
    );
    const [, id = ''] = /^Hold (\w{7}) waits/.exec(await ask('--build', build.slice(0, 7), '--ttl', '1m')) ?? [];

    const { verified } = await commented(world, pushed);
    await until(
      () => listed(id),
      (text) => text.includes('log in: '),
    );
    await world.database.pool.query(`update holds set until = now() where state = 'holding'`);

    await until(
      () => remains(world),
      (left) => JSON.stringify(left) === JSON.stringify(nothing),
    );
    expect(verified).toBe(1);
    expect(await listed(id)).toContain('its time is over');
  });

  test('is refused with every reason at once, and without a word of a private key', async () => {
    await writeFile(key(), person.privateKey);

    const refused = await ask('--job', 'none', '--ttl', '30d').catch(({ message }: Error) => message);

    expect(refused).toContain('the SSH key is a private key');
    expect(refused).toContain('there is no job none');
    expect(refused).toContain('a server may be held for 1440 minutes at most');
    expect(refused).not.toContain((await readFile(key(), 'utf8')).split('\n')[1]);
  });
});
