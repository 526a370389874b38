import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startZvmSimulator } from '../../../simulators/zvm/server.ts';
import { checkBackend } from './check-backend.ts';
import { tryCopies } from './try-copies.ts';
import { tryGuest } from './try-guest.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function simulator(options: Parameters<typeof startZvmSimulator>[0] = {}): Promise<string> {
  const started = await startZvmSimulator(options);
  closers.push(() => started.close());
  return started.url;
}

/** Takes calls and never answers. */
async function silentServer(): Promise<string> {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function post(url: string, body: object): Promise<void> {
  await fetch(url, { method: 'POST', body: JSON.stringify(body) });
}

function fault(url: string, what: object): Promise<void> {
  return post(`${url}/simulator/faults`, what);
}

async function outputOf<T>(url: string): Promise<T> {
  return ((await (await fetch(url)).json()) as { output: T }).output;
}

function guestsAt(url: string): Promise<readonly string[]> {
  return outputOf(`${url}/guests`);
}

function imagesAt(url: string): Promise<readonly object[]> {
  return outputOf(`${url}/images`);
}

describe('the check for doctor', () => {
  it('is all right on a healthy back end, and names leftovers that will be swept', async () => {
    const url = await simulator();
    await post(`${url}/guests`, { guest: { userid: 'ZA000001', vcpus: 1, memory: 512 } });

    const items = await checkBackend({ name: 'zvm1', url, prefixes: ['ZA0', 'ZB0'] });

    expect(items.map((item) => [item.ok, item.todo])).toEqual(Array(6).fill([true, '']));
    expect(items.map((item) => item.detail).join('\n')).toMatch(
      /^SIMZVM1, .*\n1 known to Feilong\n10000 GiB free\nVSW1, VSW2\nZA000001; the next build.*\nnone$/,
    );
  });

  it('warns of names that somebody else has on z/VM', async () => {
    const url = await simulator();
    await post(`${url}/simulator/directory`, { userid: 'ZA0DB2' });

    const items = await checkBackend({ name: 'zvm1', url, prefixes: ['ZA0'] });

    expect(items.filter((item) => !item.ok)).toMatchObject([
      { what: 'prefix ZA0: names free on z/VM', todo: expect.stringContaining('another prefix') as string },
    ]);
  });

  it('says what to do when Feilong wants tokens or nobody answers', async () => {
    const locked = await checkBackend({ name: 'zvm1', url: await simulator({ adminToken: 'secret' }) });
    const silent = await checkBackend({ name: 'zvm1', url: await silentServer(), timeout: 50 });

    expect(locked.map((item) => item.ok)).toEqual([false, false, false, false]);
    expect(locked[0]?.detail).toContain('`token` of the back end');
    expect(silent.filter(({ unchecked }) => !unchecked).map((item) => item.todo)).toEqual(
      Array.from({ length: 2 }, () => 'Check Feilong and the network to it.'),
    );
  });

  it('says what it could not look at, because guests cannot be listed', async () => {
    const url = await simulator({ adminToken: 'secret' });

    const items = await checkBackend({ name: 'zvm1', url, prefixes: ['ZA0'] });

    expect(items.filter(({ unchecked }) => unchecked).map(({ ok, what }) => [ok, what])).toEqual([
      [false, 'disk pool'],
      [false, 'virtual switches'],
      [false, 'prefix ZA0'],
    ]);
  });

  it('does not call names free where Feilong cannot tell, or fails to', async () => {
    const [old, failing] = [await simulator({ release: '1.4.1' }), await simulator()];
    await fault(failing, { kind: 'smapi-error', api: 'Image_Name_Query_DM', rc: 100, rs: 8, text: 'Not authorized' });

    for (const url of [old, failing]) {
      const items = await checkBackend({ name: 'zvm1', url, prefixes: ['ZA0'] });

      expect(items.at(-1)).toMatchObject({ ok: false, unchecked: true, what: 'prefix ZA0: names free on z/VM' });
    }
  });

  it('misses a virtual switch that workers shall use', async () => {
    const items = await checkBackend({ name: 'zvm1', url: await simulator(), vswitches: ['VSW1', 'VSW9'] });

    expect(items.filter(({ ok }) => !ok)).toMatchObject([{ what: 'virtual switches', detail: 'z/VM has no VSW9.' }]);
  });

  it('misses a disk pool, or room in it for a worker', async () => {
    const [none, full] = [await simulator(), await simulator()];
    await fault(none, { kind: 'no-disk-pool' });

    const items = [
      ...(await checkBackend({ name: 'zvm1', url: none })),
      ...(await checkBackend({ name: 'zvm1', url: full, disk: 10_001 })),
    ];

    expect(items.filter(({ ok }) => !ok).map(({ detail, what }) => [what, detail])).toEqual([
      ['disk pool', 'Feilong has no disk pool with room in it: guests get no disks.'],
      ['disk pool', '10000 GiB are free, one worker may take 10001 GiB.'],
    ]);
  });
});

describe('what Feilong’s userid may do', () => {
  it('is tried with a guest that is gone afterwards', async () => {
    const url = await simulator();

    const items = await tryGuest({ name: 'zvm1', url }, 'ZA0');

    expect(items.filter(({ ok }) => !ok)).toEqual([]);
    expect(items.map(({ what }) => what)).toEqual([
      'a guest can be made: ZA0FFFFF',
      'it gets a network interface',
      'which is coupled to a virtual switch',
      'it starts',
      'it is deleted',
    ]);
    expect(await guestsAt(url)).toEqual([]);
  });

  it('ends with the first thing it may not, and the guest is deleted all the same', async () => {
    const url = await simulator();
    await fault(url, { kind: 'smapi-error', api: 'Image_Activate', rc: 100, rs: 8, text: 'Not authorized' });

    const items = await tryGuest({ name: 'zvm1', url }, 'ZA0');

    expect(items.map(({ ok }) => ok)).toEqual([true, true, true, false, true]);
    expect(items.filter(({ unchecked }) => unchecked)).toEqual([]);
    expect(items[3]).toMatchObject({ what: 'it starts', todo: expect.stringContaining('privileges') as string });
    expect(await guestsAt(url)).toEqual([]);
  });
});

it('a guest that cannot be made leaves the steps after it not checked', async () => {
  const url = await simulator();
  await fault(url, { kind: 'smapi-error', api: 'Image_Create_DM', rc: 100, rs: 8, text: 'Not authorized' });

  const items = await tryGuest({ name: 'zvm1', url }, 'ZA0');

  expect(items.map(({ ok, unchecked }) => [ok, unchecked ?? false])).toEqual([
    [false, false],
    [false, true],
    [false, true],
    [false, true],
    [true, false],
  ]);
});

describe('copies between Feilong and a worker', () => {
  const worker = { user: 'stack', address: '192.0.2.7', image: '/tmp/image', copy: '/tmp/copy' };

  it('are tried both ways, and leave no image', async () => {
    const url = await simulator();

    const items = await tryCopies({ name: 'zvm1', url }, 'trial', worker);

    expect(items.map(({ ok, what }) => [ok, what])).toEqual([
      [true, 'Feilong copies from stack@192.0.2.7'],
      [true, 'Feilong copies to stack@192.0.2.7'],
      [true, 'the image that was tried is deleted'],
    ]);
    expect(await imagesAt(url)).toEqual([]);
  });

  it.each([
    ['image', [false, false]],
    ['export', [true, false, true]],
  ])('that fail are told: %s', async (of, expected) => {
    const url = await simulator();
    await fault(url, { kind: 'scp-fails', of });

    const items = await tryCopies({ name: 'zvm1', url }, 'trial', worker);

    expect(items.map(({ ok }) => ok)).toEqual(expected);
    expect(items.find(({ ok }) => !ok)).toMatchObject({
      detail: expect.stringContaining('scp: ') as string,
      todo: expect.stringContaining('authorized_keys') as string,
    });
    expect(await imagesAt(url)).toEqual([]);
  });
});
