import { afterEach, describe, expect, test } from 'vitest';
import { prepareImageFlow } from '../../test/flow/image-flow.ts';
import type { Answers, ImageFlow } from '../../test/flow/image-flow.ts';
import { SidegateError } from '../domain/errors.ts';
import { buildImage } from './build-image.ts';
import { queueImage } from './queue-images.ts';

const line = { label: 'small', cloud: 'ci' };

let prepared: ImageFlow;
afterEach(() => prepared.drop());

/** Id of an image that is queued. */
async function queuedWith(answers: Answers = {}): Promise<string> {
  prepared = await prepareImageFlow(answers);
  return (await queueImage(prepared.rows.store, line, 'test')).id;
}

async function build(id: string) {
  await buildImage(prepared.flow, id);
  return prepared.rows.store.findImage(id);
}

async function serversOfImages() {
  const { rows } = await prepared.rows.database.pool.query<{ purpose: string; image: string | null; state: string }>(
    `select purpose, image, state from servers order by created_at`,
  );
  return rows;
}

async function openNotices() {
  const { rows } = await prepared.rows.database.pool.query<{ code: string; subject: string; text: string }>(
    `select code, subject, text from notices where closed_at is null`,
  );
  return rows;
}

describe('an image', () => {
  test('is made of a server of the base, tried on one of its own, and used; both servers go', async () => {
    const id = await queuedWith();

    const image = await build(id);

    expect(image).toMatchObject({ state: 'active', imageId: 'glance-id', detail: '' });
    expect(await serversOfImages()).toEqual([
      { purpose: 'image', image: null, state: 'deleting' },
      { purpose: 'canary', image: id, state: 'deleting' },
    ]);
    expect(prepared.followed.map(({ id: job, phases }) => [job, phases.map(({ name }) => name)])).toEqual([
      [`prepare-${id}`, ['prepare', 'seal']],
      [`smoke-${id}`, ['smoke']],
    ]);
  });

  test('gets no more than its name and label told: no secret can be left on it', async () => {
    const id = await queuedWith();

    const image = await build(id);

    expect(prepared.followed.map(({ environment }) => environment)).toEqual(
      Array(2).fill({ SIDEGATE_IMAGE: image?.name, SIDEGATE_LABEL: 'small' }),
    );
  });

  test('waits for room, and says so', async () => {
    const id = await queuedWith();
    const { store } = prepared.rows;
    const look = { healthy: true, detail: '', capacity: undefined, startedAt: Date.now() };
    await store.claimCloudLook('ci');
    await store.saveCloud('ci', { ...look, healthy: false, detail: 'no answer' });

    const waiting = await build(id);
    await store.saveCloud('ci', look);
    const built = await build(id);

    expect(waiting).toMatchObject({ state: 'preparing', server: undefined, detail: 'ci is out of order: no answer' });
    expect(built?.state).toBe('active');
  });

  test('waits out a cloud that does not answer for a moment', async () => {
    let calls = 0;
    const id = await queuedWith({
      images: {
        ensureSnapshot: async () => {
          calls += 1;
          if (calls < 3) throw new SidegateError('cloud-unreachable', 'no answer');
          return 'late';
        },
      },
    });

    const image = await build(id);

    expect(image).toMatchObject({ state: 'active', imageId: 'late' });
  });

  test('whose snapshot was asked for before is not asked for again', async () => {
    const id = await queuedWith({ images: { ensureSnapshot: () => Promise.reject(new Error('asked again')) } });
    const { store } = prepared.rows;
    const lease = { image: id, epoch: (await store.takeImage(id, prepared.flow.self))!.epoch };
    const { server } = await prepared.rows.addRunning();
    await store.moveImage(lease, { state: 'snapshotting', server, detail: '' });
    await store.saveSnapshot(lease, 'before');

    const image = await build(id);

    expect(image).toMatchObject({ state: 'active', imageId: 'before' });
  });
});

describe('an image build fails', () => {
  test.each<[string, Answers, string]>([
    [
      'its script fails',
      { follow: async () => ({ kind: 'exited', status: 3 }) },
      'The prepare script ended with status 3',
    ],
    ['its script takes too long', { follow: async () => ({ kind: 'timed-out' }) }, 'took longer than its limit'],
    ['the disk is full', { follow: async () => ({ kind: 'disk-full' }) }, 'filled the disk'],
    ['the script vanishes', { follow: async () => ({ kind: 'lost' }) }, 'vanished'],
    ['the snapshot dies', { images: { showImage: async (id) => ({ id, name: '', status: 'killed' }) } }, 'is killed'],
    ['the snapshot is deleted', { images: { showImage: async () => undefined } }, 'was deleted'],
    [
      'Nova refuses the snapshot',
      { images: { ensureSnapshot: () => Promise.reject(new SidegateError('cloud-refused', 'a volume')) } },
      'The CI cloud refused the request. a volume',
    ],
    [
      'the canary has the host key of the base',
      { hostKeys: ['ssh-rsa A', 'ssh-rsa A'] },
      'has the SSH host key of another',
    ],
    [
      'the canary fails',
      { follow: async ({ id }) => ({ kind: 'exited', status: id.startsWith('smoke') ? 1 : 0 }) },
      'The smoke script ended with status 1',
    ],
  ])('when %s; its server goes and the operator is told', async (_why, answers, detail) => {
    const id = await queuedWith(answers);

    const image = await build(id);
    const [notice, ...others] = await openNotices();

    expect(image?.state).toBe('failed');
    expect(image?.detail).toContain(detail);
    expect((await serversOfImages()).map(({ state }) => state)).not.toContain('ready');
    expect(notice).toMatchObject({
      code: 'image-failed',
      subject: 'small on ci',
      text: expect.stringContaining(detail),
    });
    expect(others).toEqual([]);
  });

  test('when its server was deleted meanwhile', async () => {
    const id = await queuedWith({
      follow: async () => {
        const [server] = await prepared.rows.store.aliveServers();
        await prepared.rows.store.releaseServer(server!.id, { code: 'server-lost', detail: 'gone' });
        throw new SidegateError('ssh-unreachable', 'cut');
      },
    });

    const image = await build(id);

    expect(image).toMatchObject({ state: 'failed', detail: expect.stringContaining('was deleted or stopped') });
  });
});

test('who lost an image to another process changes nothing any more', async () => {
  const id = await queuedWith({
    follow: async () => {
      await prepared.rows.store.takeImage(id, await prepared.rows.addProcess());
      return { kind: 'exited', status: 1 };
    },
  });

  const image = await build(id);

  expect(image).toMatchObject({ state: 'preparing', detail: '' });
  expect(await openNotices()).toEqual([]);
});
