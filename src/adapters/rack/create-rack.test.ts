import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRackBench } from '../../../test/rack-hosts.ts';
import type { RackBench } from '../../../test/rack-hosts.ts';
import type { RackSettings } from '../../domain/settings.ts';
import type { Cloud, ServerMark, ServerRequest } from '../../ports/cloud.ts';
import type { RemoteHost } from '../../ports/remote-jobs.ts';
import { sleep } from '../../shared/clock.ts';
import { createLogger } from '../../shared/logger.ts';
import { createRack } from './create-rack.ts';

const owner = 'installation';

let bench: RackBench;
let directory: string;
let settings: RackSettings;

beforeEach(async () => {
  bench = await createRackBench(2);
  directory = await mkdtemp(join(tmpdir(), 'rack-'));
  const { room } = bench;
  settings = { name: 'lab', hosts: room.hosts, reset: room.resetScript(directory), resetTimeout: 60_000 };
});
afterEach(async () => {
  await bench.close();
  await rm(directory, { recursive: true, force: true });
});

function rackOf(changes: Partial<RackSettings> = {}): Cloud {
  return createRack({ rack: { ...settings, ...changes }, hosts: bench.hosts, logger: createLogger('silent') });
}

function request(mark: ServerMark = { owner, server: randomUUID() }): ServerRequest {
  const place = { kind: 'rack', cloud: 'lab' } as const;
  const time = { patience: 60_000, deadline: Date.now() + 60_000 };
  return { place, zone: undefined, imageId: undefined, name: 'sidegate-small', keypair: 'any', mark, ...time };
}

function remove(rack: Cloud, { mark, place }: ServerRequest): Promise<boolean> {
  return rack.removeServer({ id: undefined, mark, place }, false);
}

async function removed(rack: Cloud, server: ServerRequest): Promise<void> {
  while (!(await remove(rack, server))) await sleep(20);
}

/** Lets pauses and claims run out. */
async function later(): Promise<void> {
  await bench.database.pool.query(`update rack_hosts set next_try_at = now()`);
}

async function failed(rack: Cloud, server: ServerRequest): Promise<unknown> {
  for (;;) {
    const trouble = await remove(rack, server).catch((error: unknown) => error);
    if (trouble === true) throw new Error('it was reset');
    if (trouble !== false) return trouble;
    await sleep(20);
  }
}

async function resets(): Promise<readonly string[]> {
  return (await readFile(join(directory, 'RESETS'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
}

async function hostOf(rack: Cloud, id: string): Promise<RemoteHost> {
  const shown = await rack.showServer(id);
  const { user, sshPort: port } = bench.room;
  return { address: shown!.address!, port, user, hostKeys: shown!.hostKeys };
}

describe('a host of a rack', () => {
  test('is a server one can log in to with the pinned key, without a console', async () => {
    const rack = rackOf();
    const wanted = request();

    const id = await rack.ensureServer(wanted);
    const shown = await rack.showServer(id);
    await bench.jobs.checkLogin(await hostOf(rack, id));

    expect(shown).toMatchObject({ id, name: 'sidegate-small', status: 'ACTIVE', mark: wanted.mark });
    expect([id.split('@')[1], shown!.hostKeys.length, await rack.consoleLog(id)]).toEqual([wanted.mark.server, 1, '']);
  });

  test('is as new for the next one: what a server left is gone', async () => {
    const rack = rackOf({ hosts: settings.hosts.slice(0, 1) });
    const first = request();
    await rack.ensureServer(first);
    await writeFile(join(bench.room.homeOf('host1'), 'left-behind'), '');

    await removed(rack, first);
    await rack.ensureServer(request());

    expect(await readdir(bench.room.homeOf('host1'))).toEqual([]);
    expect(await resets()).toEqual(['host1']);
  });

  test('is lent once, whoever asks again', async () => {
    const [rack, another] = [rackOf(), rackOf()];
    const wanted = request();

    const ids = await Promise.all([rack.ensureServer(wanted), another.ensureServer(wanted)]);
    const capacity = await rack.capacity([]);

    expect(ids[0]).toBe(ids[1]);
    expect(capacity).toEqual({ quotas: [{ kind: 'servers', limit: 2, used: 1 }], sizes: {} });
  });

  test('is not there when all are lent', async () => {
    const rack = rackOf();
    await rack.ensureServer(request());
    await rack.ensureServer(request());

    const third = rack.ensureServer(request());

    await expect(third).rejects.toMatchObject({ code: 'cloud-quota' });
  });

  test('given back twice, or after somebody else got it, is not reset under them', async () => {
    const rack = rackOf({ hosts: settings.hosts.slice(0, 1) });
    const first = request();
    const oldId = await rack.ensureServer(first);
    await removed(rack, first);
    const next = await rack.ensureServer(request());

    const late = await rack.removeServer({ id: oldId, mark: first.mark, place: undefined }, true);

    expect([late, await rack.showServer(oldId)]).toEqual([true, undefined]);
    expect(await rack.showServer(next)).toMatchObject({ status: 'ACTIVE' });
    expect(await resets()).toHaveLength(1);
  });

  test('is reset by one process though several ask', async () => {
    const racks = [rackOf(), rackOf(), rackOf()];
    const server = request();
    await racks[0]!.ensureServer(server);

    await Promise.all(racks.map((rack) => removed(rack, server)));

    expect(await resets()).toHaveLength(1);
  });

  test('whose reset is under way cannot be had, not even by whom it belonged to', async () => {
    const rack = rackOf({
      hosts: settings.hosts.slice(0, 1),
      reset: `until [ -e ${directory}/go ]; do sleep 0.05; done`,
    });
    const server = request();
    const id = await rack.ensureServer(server);

    const done = await remove(rack, server);
    const codes = await Promise.all(
      [server, request()].map((one) => rack.ensureServer(one).catch((error: { code: string }) => error.code)),
    );
    const shown = await rack.showServer(id);
    await writeFile(join(directory, 'go'), '');
    await removed(rack, server);

    expect([done, codes, shown?.status]).toEqual([false, ['server-lost', 'cloud-quota'], 'RESETTING']);
  });
});

describe('a reset that fails', () => {
  test('keeps the host, says why, and is tried again until it works', async () => {
    const rack = rackOf({ reset: `[ -e ${directory}/power ] || { echo no power; exit 1; }` });
    const server = request();
    const id = await rack.ensureServer(server);

    const trouble = await failed(rack, server);
    const [listed] = await rack.listMarked(owner);
    await writeFile(join(directory, 'power'), '');
    await later();
    while ((await rack.capacity([])).quotas[0]!.used > 0) await sleep(20);

    expect(trouble).toMatchObject({ code: 'host-reset-failed' });
    expect(listed).toMatchObject({ kind: 'server', id, of: server.mark.server });
    expect(listed!.status).toContain('once: exit status 1; its output ends with: no power');
    expect(await remove(rack, server)).toBe(true);
    expect(await rack.listMarked(owner)).toEqual([]);
  });

  test('is an outage of the rack only when it fails on all hosts', async () => {
    const rack = rackOf({ reset: 'echo no power; exit 1' });
    const servers = [request(), request()];
    for (const server of servers) await rack.ensureServer(server);

    await failed(rack, servers[0]!);
    await rack.capacity([]);
    const one = rack.health();
    await failed(rack, servers[1]!);
    await rack.capacity([]);
    const all = rack.health();

    expect(one).toEqual({ state: 'closed', reason: '', until: undefined });
    expect(all).toMatchObject({ state: 'open', until: expect.any(Number) });
    expect(all.reason).toContain('no power');
  });
});

describe('leftovers', () => {
  test('of this installation are listed, and are reset when they are deleted', async () => {
    const rack = rackOf();
    const wanted = request();
    const id = await rack.ensureServer(wanted);
    await rack.ensureServer(request({ owner: 'another', server: randomUUID() }));

    const marked = await rack.listMarked(owner);
    await rack.deleteMarked(marked[0]!);
    await rack.deleteMarked(marked[0]!);
    const after = await rack.listMarked(owner);
    while ((await rack.capacity([])).quotas[0]!.used > 1) await sleep(20);

    const { server } = wanted.mark;
    expect(marked).toEqual([{ kind: 'server', id, name: 'sidegate-small', of: server, status: 'ACTIVE' }]);
    expect([after, await resets()]).toEqual([[], [id.split('@')[0]]]);
  });
});

describe('a host that is no longer configured', () => {
  test('is let go at once, and reset before it is lent when it comes back', async () => {
    const server = request();
    const id = await rackOf({ hosts: settings.hosts.slice(0, 1) }).ensureServer(server);
    const without = rackOf({ hosts: settings.hosts.slice(1) });

    const shown = await without.showServer(id);
    const done = await remove(without, server);
    const again = rackOf({ hosts: settings.hosts.slice(0, 1) });
    const early = again.ensureServer(request());

    expect([shown?.status, shown?.fault, done]).toEqual(['ERROR', 'host1 is no longer configured', true]);
    await expect(early).rejects.toMatchObject({ code: 'cloud-quota' });
    while ((await again.capacity([])).quotas[0]!.used > 0) await sleep(20);
    expect(await resets()).toEqual(['host1']);
  });
});
