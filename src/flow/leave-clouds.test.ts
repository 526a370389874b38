import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { labelIn, prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import { admitBuilds } from './admit-builds.ts';
import { createPoolKeeper } from './keep-servers-ready.ts';
import { leaveClouds } from './leave-clouds.ts';

let prepared: CloudFlow;
beforeEach(async () => {
  prepared = await prepareCloudFlow({ settings: { labels: [labelIn(['ci'], { max: 1, minReady: 1 })] } });
});
afterEach(() => prepared.drop());

async function addReady(cloud: string): Promise<string> {
  const id = await prepared.addServer({ cloud });
  await prepared.rows.store.saveServerReady(id, '192.0.2.1', []);
  return id;
}

async function stateOf(id: string) {
  return (await prepared.rows.store.findServer(id))?.state;
}

describe('servers of a cloud that is no longer configured', () => {
  test('are given to no build and take no room of their label', async () => {
    const old = await addReady('old');
    const [build = ''] = await prepared.rows.addBuildset();

    await admitBuilds(prepared.flow);

    const { server } = (await prepared.rows.store.findBuild(build))!;
    expect(server).not.toBe(old);
    expect((await prepared.rows.store.findServer(server!))?.cloud).toBe('ci');
  });

  test('do not count as ready ones of the pool', async () => {
    await addReady('old');

    await createPoolKeeper(prepared.flow)();

    expect((await prepared.rows.store.aliveServers()).map(({ cloud }) => cloud).toSorted()).toEqual(['ci', 'old']);
  });

  test('are let go while they wait, and left to the build that uses them', async () => {
    const [waiting, here] = [await addReady('old'), await addReady('ci')];
    const busy = await addReady('old');
    await prepared.rows.database.pool.query(`update servers set build = $2 where id = $1`, [busy, randomUUID()]);

    await leaveClouds(prepared.flow);

    expect(await Promise.all([waiting, here, busy].map(stateOf))).toEqual(['deleting', 'ready', 'ready']);
  });

  test('are told to the operator until they are forgotten, and no other notice about the cloud stays', async () => {
    await addReady('old');
    const { store } = prepared.rows;
    for (const subject of ['old', 'ci']) await store.saveNotice({ code: 'cloud-unreachable', subject, text: '' });

    await leaveClouds(prepared.flow);
    const told = await prepared.notices();
    const forgotten = await store.forgetServers('old');
    await leaveClouds(prepared.flow);

    expect(told).toEqual(['cloud-removed old', 'cloud-unreachable ci']);
    expect(forgotten).toHaveLength(1);
    expect(await prepared.notices()).toEqual(['cloud-unreachable ci']);
  });

  test('are told no more when the cloud is back', async () => {
    await addReady('old');
    await leaveClouds(prepared.flow);
    const back = new Map([...prepared.flow.clouds, ['old', prepared.flow.clouds.get('ci')!] as const]);

    await leaveClouds({ ...prepared.flow, clouds: back });

    expect(await prepared.notices()).toEqual([]);
  });
});
