import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Child } from '../../src/demo/child.ts';
import { startMachineRoom } from '../rack-hosts.ts';
import type { MachineRoom } from '../rack-hosts.ts';
import { commented, nothing, remains, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

describe('a CI with two machines and no cloud', () => {
  let room: MachineRoom;
  let directory: string;
  let world: World;
  let sidegate: Child<unknown>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sidegate-rack-'));
    room = await startMachineRoom(2);
    await writeFile(join(directory, 'server-key'), room.privateKey, { mode: 0o600 });
    world = await startWorld({ slots: 4, configuration: configuration() });
    sidegate = await world.startSidegate();
  });
  afterAll(async () => {
    await world.stop();
    await room.close();
    await rm(directory, { recursive: true, force: true });
  });

  function configuration(): object {
    const { hosts, user, sshPort } = room;
    return {
      ssh: { private_key: join(directory, 'server-key') },
      racks: [
        {
          name: 'lab',
          hosts: hosts.map(({ name, address, hostKeys }) => ({ name, address, host_key: hostKeys })),
          reset: { run: `${stallOnce()}\n${room.resetScript(directory)}` },
          reset_timeout: '1m',
        },
      ],
      labels: [{ name: 'small', rack: 'lab', user, ssh_port: sshPort, boot_timeout: '1m', max: 10 }],
    };
  }

  /** A reset that finds the file STALL hangs half-way. */
  function stallOnce(): string {
    return `if rm '${directory}/STALL' 2>/dev/null; then echo $$ >'${directory}/STALLED'; sleep 300; fi`;
  }

  async function killAndRestart(): Promise<void> {
    sidegate.process.kill('SIGKILL');
    await sidegate.ended;
    sidegate = await world.startSidegate();
  }

  async function resets(): Promise<readonly string[]> {
    const text = await readFile(join(directory, 'RESETS'), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  async function hostsInUse(): Promise<number> {
    const { rowCount } = await world.database.pool.query(`select 1 from rack_hosts where state <> 'free'`);
    return rowCount ?? 0;
  }

  function allIsClean(): Promise<unknown> {
    return until(
      async () => ({ ...(await remains(world)), hosts: await hostsInUse() }),
      (left) => JSON.stringify(left) === JSON.stringify({ ...nothing, hosts: 0 }),
    );
  }

  test('votes on more changes than it has machines, each on a machine that is as new', async () => {
    const good = await Promise.all(
      [1, 2, 3, 4].map(() => world.push({ guests: 1, tests: { 'story.create': 'pass' } })),
    );
    const broken = await world.push({ tests: { 'story.delete': 'fail' } });

    const views = await Promise.all([...good, broken].map((pushed) => commented(world, pushed)));

    expect(views.map(({ verified }) => verified)).toEqual([1, 1, 1, 1, -1]);
    await allIsClean();
    expect(await resets()).toHaveLength(5);
    expect([...world.recorder.starts.values()]).toEqual([1, 1, 1, 1, 1]);
  });

  test('a sidegate that is killed in the middle of a build finishes it on the same machine', async () => {
    const pushed = await world.push({ seconds: 3 });
    await until(
      async () => world.recorder.starts.size,
      (size) => size === 6,
    );

    await killAndRestart();
    const view = await commented(world, pushed);

    expect(view.verified).toBe(1);
    await allIsClean();
    expect([...world.recorder.starts.values()].at(-1)).toBe(1);
    expect(await resets()).toHaveLength(6);
  });

  test('a sidegate that is killed in the middle of a reset does it again before the machine is lent', async () => {
    await writeFile(join(directory, 'STALL'), '');
    const pushed = await world.push({});
    await commented(world, pushed);
    const script = await until(
      () => readFile(join(directory, 'STALLED'), 'utf8'),
      (pid) => pid.endsWith('\n'),
    );

    await killAndRestart();
    const interrupted = await hostsInUse();
    // The claim of the dead process runs out.
    await world.database.pool.query(`update rack_hosts set next_try_at = now() where state = 'resetting'`);
    await allIsClean();

    expect(interrupted).toBe(1);
    await expect(access(`/proc/${script.trim()}`)).rejects.toThrow('ENOENT');
    expect(await resets()).toHaveLength(7);
  });
});
