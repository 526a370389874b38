import { afterEach, describe, expect, test } from 'vitest';
import { prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import type { ServerRemains } from '../ports/cloud.ts';
import { createServerDeleter } from './delete-servers.ts';

let prepared: CloudFlow;
afterEach(() => prepared.drop());

async function addDeleting(cloud: string): Promise<string> {
  const id = await prepared.addServer({ cloud });
  await prepared.rows.store.releaseServer(id, { code: undefined, detail: '' });
  return id;
}

async function stateOf(id: string) {
  return (await prepared.rows.store.findServer(id))?.state;
}

/** Its deletion goes on for so long, and the next attempt is due. */
async function age(id: string, minutes: number): Promise<void> {
  await prepared.rows.database.pool.query(
    `update servers set since = now() - make_interval(mins => $2::integer), next_try_at = now() where id = $1`,
    [id, minutes],
  );
}

describe('a server that is not needed any more', () => {
  test('is deleted in as many steps as its cloud takes', async () => {
    const asked: ServerRemains[] = [];
    const removeServer = async (server: ServerRemains) => asked.push(server) === 3;
    prepared = await prepareCloudFlow({ clouds: { ci: { removeServer } } });
    const id = await addDeleting('ci');

    await createServerDeleter(prepared.flow)();

    await expect.poll(() => stateOf(id)).toBe('deleted');
    expect(asked).toHaveLength(3);
    expect(asked[0]).toMatchObject({ id: `nova-${id}`, mark: { owner: prepared.flow.installation, server: id } });
  });

  test('is deleted by force after some minutes, told after ten, and told no more once it is gone', async () => {
    const forced: boolean[] = [];
    let trouble: Error | undefined = new Error('the state of the server is wrong');
    const removeServer = async (_: ServerRemains, force: boolean) => {
      forced.push(force);
      if (trouble) throw trouble;
      return true;
    };
    prepared = await prepareCloudFlow({ clouds: { ci: { removeServer } } });
    const id = await addDeleting('ci');
    const round = createServerDeleter(prepared.flow);

    await round();
    await expect.poll(() => forced).toEqual([false]);
    await age(id, 4);
    await expect.poll(async () => round().then(() => forced)).toEqual([false, true]);
    const early = await prepared.notices();
    await age(id, 11);
    await expect.poll(async () => round().then(() => prepared.notices())).toEqual([`server-stuck sidegate-${id}`]);
    trouble = undefined;
    await age(id, 12);
    await expect.poll(async () => round().then(() => stateOf(id))).toBe('deleted');

    expect(early).toEqual([]);
    await expect.poll(() => prepared.notices()).toEqual([]);
  });

  test('in a cloud that does not answer holds up no deletion in another one, and is asked for once', async () => {
    let asked = 0;
    const silent = () => {
      asked += 1;
      return new Promise<never>(() => {});
    };
    prepared = await prepareCloudFlow({ clouds: { silent: { removeServer: silent }, ci: {} } });
    for (let count = 0; count < 25; count += 1) await addDeleting('silent');
    const first = await addDeleting('ci');
    const round = createServerDeleter(prepared.flow);

    await round();
    await expect.poll(() => stateOf(first)).toBe('deleted');
    const second = await addDeleting('ci');
    await prepared.rows.database.pool.query(`update servers set next_try_at = now()`);
    await round();

    await expect.poll(() => stateOf(second)).toBe('deleted');
    expect(asked).toBe(20);
  });
});
