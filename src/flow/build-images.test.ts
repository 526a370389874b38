import { afterEach, describe, expect, test } from 'vitest';
import { prepareImageFlow } from '../../test/flow/image-flow.ts';
import type { ImageFlow } from '../../test/flow/image-flow.ts';
import type { MarkedResource } from '../ports/cloud.ts';
import { buildImage } from './build-image.ts';
import { createImageKeeper } from './build-images.ts';
import { countBootFailureOnImage } from './count-image-builds.ts';
import { orderServer } from './order-server.ts';
import { queueImage } from './queue-images.ts';

const line = { label: 'small', cloud: 'ci' };

let prepared: ImageFlow;
afterEach(() => prepared.drop());

/** An image in use; servers of earlier builds are gone. */
async function addActive(): Promise<string> {
  const { rows, flow } = prepared;
  const { id } = await queueImage(rows.store, line, 'test');
  await buildImage(flow, id);
  await rows.database.pool.query(`update servers set state = 'deleted' where state = 'deleting'`);
  return id;
}

async function statesOf(ids: readonly string[]) {
  return Promise.all(ids.map(async (id) => (await prepared.rows.store.findImage(id))?.state));
}

function keep(): Promise<void> {
  return createImageKeeper(prepared.flow)();
}

describe('the images of a label', () => {
  test('are built when they are due, one at a time', async () => {
    prepared = await prepareImageFlow({ imageBuild: { every: 60_000 }, follow: () => new Promise(() => {}) });

    await keep();
    await keep();
    const images = await prepared.rows.store.recentImages(10);

    expect(images.map(({ requestedBy }) => requestedBy)).toEqual(['schedule']);
  });

  test('beyond those kept are deleted, once no server uses them', async () => {
    prepared = await prepareImageFlow({ imageBuild: { keep: 1 } });
    const { store } = prepared.rows;
    const first = await addActive();
    const spot = { cloud: 'ci', zone: undefined };
    const server = await orderServer(prepared.flow, store, { label: 'small', spot, purpose: 'build' });
    const second = await addActive();

    await keep();
    const inUse = [...prepared.deleted];
    await store.releaseServer(server, { code: undefined, detail: '' });
    await store.saveServerDeleted(server);
    await keep();

    expect([inUse, prepared.deleted]).toEqual([[], ['glance-id']]);
    expect(await statesOf([first, second])).toEqual(['deleted', 'active']);
    expect((await store.liveImages()).map(({ id }) => id)).toEqual([second]);
  });

  test('that failed before their Glance id was noted are found by their mark, and only they', async () => {
    const marked: MarkedResource[] = [];
    prepared = await prepareImageFlow({ marked });
    const { store } = prepared.rows;
    const { id } = await queueImage(store, line, 'test');
    const { epoch } = (await store.takeImage(id, prepared.flow.self))!;
    await store.moveImage({ image: id, epoch }, { state: 'failed', server: undefined, detail: '' });
    const resource = { name: 'n', status: 'active' };
    marked.push(
      { ...resource, kind: 'image', id: 'ours', of: id },
      { ...resource, kind: 'image', id: 'of another', of: 'another' },
      { ...resource, kind: 'server', id: 'a server', of: id },
    );

    await keep();

    expect(prepared.deleted).toEqual(['ours']);
  });

  test('on which the first servers do not boot give way to the one before', async () => {
    prepared = await prepareImageFlow();
    const { store } = prepared.rows;
    const [first, second] = [await addActive(), await addActive()];
    const spot = { cloud: 'ci', zone: undefined };
    const id = await orderServer(prepared.flow, store, { label: 'small', spot, purpose: 'build' });
    const server = (await store.findServer(id))!;
    const why = { code: 'server-boot-timeout', detail: 'no SSH' } as const;

    await countBootFailureOnImage(prepared.flow, store, { server, why });
    await countBootFailureOnImage(prepared.flow, store, { server, why: { code: 'cloud-quota', detail: 'full' } });
    await keep();
    const afterOne = await statesOf([first, second]);
    await countBootFailureOnImage(prepared.flow, store, { server, why });
    await keep();

    expect(server.image).toBe(second);
    expect(afterOne).toEqual(['retired', 'active']);
    expect(await statesOf([first, second])).toEqual(['active', 'failed']);
  });

  test('are not blamed for boots of a cloud that does not answer', async () => {
    prepared = await prepareImageFlow({ health: 'open' });
    const { store } = prepared.rows;
    const image = await addActive();
    const spot = { cloud: 'ci', zone: undefined };
    const server = (await store.findServer(
      await orderServer(prepared.flow, store, { label: 'small', spot, purpose: 'build' }),
    ))!;

    await countBootFailureOnImage(prepared.flow, store, { server, why: { code: 'server-boot-timeout', detail: '' } });

    expect((await store.findImage(image))?.badBuilds).toBe(0);
  });
});

test('a label without image_build boots from its configured image, whatever was built before', async () => {
  prepared = await prepareImageFlow();
  const { flow, rows } = prepared;
  const image = await addActive();
  const labels = flow.settings.labels.map((label) => ({ ...label, imageBuild: undefined }));
  const without = { ...flow, settings: { ...flow.settings, labels } };
  const order = { label: 'small', spot: { cloud: 'ci', zone: undefined }, purpose: 'build' } as const;

  const servers = [await orderServer(flow, rows.store, order), await orderServer(without, rows.store, order)];
  const images = await Promise.all(servers.map(async (id) => (await rows.store.findServer(id))?.image));

  expect(images).toEqual([image, undefined]);
});
