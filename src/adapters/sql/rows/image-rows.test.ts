import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImageLease, ImageRecord } from '../../../ports/image-store.ts';
import { countRunningProcesses } from '../status/running-processes.ts';
import { createSampleRows, newServer, success } from '../testing/sample-rows.ts';
import type { SampleRows } from '../testing/sample-rows.ts';

const undone = { code: undefined, detail: '' };

let rows: SampleRows;
let owner: string;

beforeEach(async () => {
  rows = await createSampleRows();
  owner = await rows.addProcess();
});
afterEach(() => rows.drop());

async function addImage(cloud = 'ci'): Promise<string> {
  const id = randomUUID();
  const image = { id, label: 'small', cloud, name: `image ${id}`, requestedBy: 'test', logPath: `images/small/${id}/` };
  expect(await rows.store.insertImage(image)).toBe(true);
  return id;
}

async function leaseOf(id: string): Promise<ImageLease> {
  const taken = await rows.store.takeImage(id, owner);
  return { image: id, epoch: taken!.epoch };
}

/** An image in use. */
async function addActive(imageId = 'glance'): Promise<string> {
  const id = await addImage();
  const lease = await leaseOf(id);
  await rows.store.saveSnapshot(lease, imageId);
  await rows.store.moveImage(lease, { state: 'testing', server: undefined, detail: '' });
  await rows.store.promoteImage(lease);
  return id;
}

async function stateOf(id: string): Promise<ImageRecord['state'] | undefined> {
  return (await rows.store.findImage(id))?.state;
}

async function addServer(fields: { image?: string; purpose?: 'build' | 'image' } = {}): Promise<string> {
  const id = randomUUID();
  await rows.store.insertServers([{ ...newServer(id, owner), image: undefined, ...fields }]);
  return id;
}

describe('an image in work', () => {
  test('is the only one of its label and cloud', async () => {
    const first = await addImage();
    const fields = { label: 'small', name: 'other', requestedBy: 'test', logPath: 'images/' };

    const second = await rows.store.insertImage({ ...fields, id: randomUUID(), cloud: 'ci' });
    const elsewhere = await rows.store.insertImage({ ...fields, id: randomUUID(), cloud: 'other' });
    await rows.store.moveImage(await leaseOf(first), { state: 'failed', server: undefined, detail: 'no' });
    const third = await rows.store.insertImage({ ...fields, id: randomUUID(), cloud: 'ci', name: 'third' });

    expect([second, elsewhere, third]).toEqual([false, true, true]);
  });

  test('of nobody becomes that of the process that asks, and goes to the one that takes over', async () => {
    const id = await addImage();
    const heir = await rows.addProcess();

    const ours = await rows.store.imagesToBuild(owner);
    const others = await rows.store.imagesToBuild(heir);
    await rows.store.takeOver(owner, heir);
    const inherited = await rows.store.imagesToBuild(heir);

    expect([ours, others, inherited]).toEqual([[id], [], [id]]);
  });

  test('takes no writes of one who had it before', async () => {
    const id = await addImage();
    const old = await leaseOf(id);
    await leaseOf(id);
    const change = { state: 'testing', server: undefined, detail: '' } as const;

    await expect(rows.store.moveImage(old, change)).rejects.toMatchObject({ code: 'stale-epoch' });
    await expect(rows.store.saveSnapshot(old, 'glance')).rejects.toMatchObject({ code: 'stale-epoch' });
    await expect(rows.store.promoteImage(old)).rejects.toMatchObject({ code: 'stale-epoch' });
    expect(await rows.store.findImage(id)).toMatchObject({ state: 'preparing', imageId: undefined });
  });

  test('that is over is not taken again', async () => {
    const id = await addActive();

    expect(await rows.store.takeImage(id, owner)).toBeUndefined();
    expect(await rows.store.imagesToBuild(owner)).toEqual([]);
  });
});

describe('the image in use', () => {
  test('is the last promoted one; the one before is kept', async () => {
    const [first, second] = [await addActive(), await addActive()];

    const active = await rows.store.activeImage('small', 'ci');

    expect([active?.id, await stateOf(first)]).toEqual([second, 'retired']);
    expect(await rows.store.activeImage('small', 'other')).toBeUndefined();
  });

  test('that is taken back gives way to the newest good one, at last to none', async () => {
    const [first, second, third] = [await addActive(), await addActive(), await addActive()];

    const answers = [];
    for (const id of [third, third, second, first]) answers.push(await rows.store.takeBackImage(id, 'bad'));

    expect(answers.map((answer) => [answer.undone, answer.next?.id])).toEqual([
      [true, second],
      [false, undefined],
      [true, first],
      [true, undefined],
    ]);
    expect(await rows.store.findImage(third)).toMatchObject({ state: 'failed', detail: 'bad' });
    expect(await rows.store.activeImage('small', 'ci')).toBeUndefined();
  });

  test('that is taken back takes the servers along that wait, not those of builds', async () => {
    const image = await addActive();
    const [waiting, other] = [await addServer({ image }), await addServer()];
    const { lease, server } = await rows.addRunning();
    await rows.database.pool.query('update servers set image = $2 where id = $1', [server, image]);

    await rows.store.takeBackImage(image, 'bad');
    const states = await Promise.all([waiting, other, server].map((id) => rows.store.findServer(id)));

    expect(states.map((one) => one?.state)).toEqual(['deleting', 'building', 'building']);
    expect((await rows.store.findBuild(lease.buildId))?.state).toBe('running');
  });
});

describe('builds on an image', () => {
  test('are known with the phases that were begun, once the server has booted', async () => {
    const image = await addActive();
    const { lease, server } = await rows.addRunning();
    await rows.database.pool.query('update servers set image = $2 where id = $1', [server, image]);
    const beforeBoot = await rows.store.imageOfBuild(lease.buildId);

    await rows.store.saveServerReady(server, '127.0.0.1', []);
    await rows.store.saveStep(lease, 'run', 'fetch');
    await rows.store.saveStep(lease, 'run', 'provision');
    await rows.store.saveStep(lease, 'judge');
    await rows.store.finishBuild(lease, success);
    const afterwards = await rows.store.imageOfBuild(lease.buildId);

    expect(beforeBoot).toBeUndefined();
    expect({ ...afterwards, begun: afterwards?.begun.toSorted() }).toEqual({ image, begun: ['fetch', 'provision'] });
  });

  test('count for it', async () => {
    const image = await addActive();

    await rows.store.countOnImage(image, 'bad');
    await rows.store.countOnImage(image, 'good');
    await rows.store.countOnImage(image, 'bad');

    expect(await rows.store.findImage(image)).toMatchObject({ goodBuilds: 1, badBuilds: 2 });
  });
});

describe('an image to delete', () => {
  test('waits for the servers that use it and for the one it was made of, and is claimed once', async () => {
    const [base, user] = [await addServer({ purpose: 'image' }), await addServer()];
    const failed = await addImage();
    await rows.store.moveImage(await leaseOf(failed), { state: 'failed', server: base, detail: '' });
    const [dropped] = [await addActive(), await addActive()];
    await rows.store.dropImage(dropped, 'old');
    await rows.database.pool.query('update servers set image = $2 where id = $1', [user, dropped]);

    const withServers = await rows.store.claimImagesToDelete(10);
    for (const id of [base, user]) {
      await rows.store.releaseServer(id, undone);
      await rows.store.saveServerDeleted(id);
    }
    const without = await rows.store.claimImagesToDelete(10);
    const again = await rows.store.claimImagesToDelete(10);

    expect([withServers.length, without.length, again.length]).toEqual([0, 2, 0]);
    expect(new Set(without.map(({ id }) => id))).toEqual(new Set([failed, dropped]));
  });

  test('is live until it is gone from Glance, and known afterwards', async () => {
    const failed = await addImage();
    await rows.store.moveImage(await leaseOf(failed), { state: 'failed', server: undefined, detail: '' });
    const before = await rows.store.liveImages();

    await rows.store.saveImageGone(failed);
    const after = await rows.store.liveImages();

    expect([before.length, after.length]).toEqual([1, 0]);
    expect((await rows.store.recentImages(10)).map(({ id }) => id)).toEqual([failed]);
    expect(await rows.store.newestImages()).toMatchObject([{ label: 'small', cloud: 'ci' }]);
  });

  test('is never the one in use', async () => {
    const active = await addActive();

    await rows.store.dropImage(active, 'by mistake');
    await rows.store.saveImageGone(active);

    expect(await stateOf(active)).toBe('active');
    expect(await rows.store.liveImages()).toHaveLength(1);
  });
});

test('a host key that another server had is known', async () => {
  const [base, canary, good] = [await addServer(), await addServer(), await addServer()];
  await rows.store.saveServerReady(base, '127.0.0.1', ['ssh-ed25519 A', 'ssh-rsa B']);
  await rows.store.releaseServer(base, undone);
  await rows.store.saveServerDeleted(base);
  await rows.store.saveServerReady(canary, '127.0.0.2', ['ssh-rsa B', 'ecdsa C']);
  await rows.store.saveServerReady(good, '127.0.0.3', ['ssh-ed25519 D']);

  const shared = await Promise.all([canary, good].map((id) => rows.store.sharesHostKey(id)));

  expect(shared).toEqual([true, false]);
});

test('a process without its lock does not count as running', async () => {
  expect(await countRunningProcesses(rows.database.pool)).toBe(0);
});
