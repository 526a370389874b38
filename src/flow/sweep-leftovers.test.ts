import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudAnswers, CloudFlow } from '../../test/flow/cloud-flow.ts';
import type { Cloud, MarkedResource, ResourceKind } from '../ports/cloud.ts';
import { createLeftoverSweeper, sweepCloud, sweepLeftovers } from './sweep-leftovers.ts';

let prepared: CloudFlow;
afterEach(() => prepared.drop());

function leftover(kind: ResourceKind, id: string, of: string = randomUUID()): MarkedResource {
  return { kind, id, name: `sidegate-${id}`, of, status: 'ACTIVE' };
}

interface Behaviour {
  /** The cloud takes its deletion and does not do it. */
  readonly stays?: string;
  /** The cloud refuses its deletion. */
  readonly refuses?: string;
}

/** A cloud with these resources. */
function cloudWith(resources: readonly MarkedResource[], { stays, refuses }: Behaviour = {}) {
  const there = new Map(resources.map((resource) => [resource.id, resource]));
  const asked: { id: string; force: boolean | undefined }[] = [];
  const answers: Partial<Cloud> = {
    listMarked: async () => [...there.values()],
    deleteMarked: async ({ id }, force) => {
      asked.push({ id, force });
      if (id === refuses) throw new Error('the port is bound');
      if (id !== stays) there.delete(id);
    },
  };
  return { answers, asked, there };
}

const reporting: CloudAnswers['settings'] = {
  clouds: [{ name: 'ci', maxServers: undefined, requestRate: 10, sweep: 'report' }],
};

function sweep(): Promise<void> {
  return sweepLeftovers(prepared.flow, prepared.flow.clouds.get('ci')!);
}

async function pass(minutes: number): Promise<void> {
  await prepared.rows.database.pool.query(
    `update leftovers set found_at = found_at - make_interval(mins => $1::integer)`,
    [minutes],
  );
}

describe('leftovers in a cloud', () => {
  test('are tried each by itself: one that cannot be deleted holds up none of the others', async () => {
    const cloud = cloudWith([leftover('port', 'bound'), leftover('port', 'free'), leftover('volume', 'last')], {
      refuses: 'bound',
    });
    prepared = await prepareCloudFlow({ clouds: { ci: cloud.answers } });

    await sweep();

    expect([...cloud.there.keys()]).toEqual(['bound']);
    expect(await prepared.counter('leftovers_deleted')).toEqual({ port: 1, volume: 1 });
  });

  test('count once, when they are gone, however often they were asked to go', async () => {
    const cloud = cloudWith([leftover('server', 'slow')], { stays: 'slow' });
    prepared = await prepareCloudFlow({ clouds: { ci: cloud.answers } });
    await sweep();
    await sweep();
    const before = await prepared.counter('leftovers_deleted');
    cloud.there.delete('slow');

    await sweep();
    await sweep();

    expect([before, await prepared.counter('leftovers_deleted')]).toEqual([{}, { server: 1 }]);
  });

  test('that stay for minutes are deleted by force', async () => {
    const cloud = cloudWith([leftover('server', 'stuck')], { stays: 'stuck' });
    prepared = await prepareCloudFlow({ clouds: { ci: cloud.answers } });

    await sweep();
    await pass(4);
    await sweep();

    expect(cloud.asked.map(({ force }) => force)).toEqual([false, true]);
  });

  test('that do not go are told to the operator with what the cloud says, until they are gone', async () => {
    const cloud = cloudWith([leftover('port', 'bound')], { refuses: 'bound' });
    prepared = await prepareCloudFlow({ clouds: { ci: cloud.answers } });
    await sweep();
    const atFirst = await prepared.notices();
    await pass(11);
    await sweep();
    const told = await prepared.rows.database.pool.query<{ text: string }>(`select text from notices`);
    cloud.there.clear();

    await sweep();

    expect(atFirst).toEqual([]);
    expect(told.rows).toEqual([{ text: '1 on ci: port sidegate-bound (bound): the port is bound' }]);
    expect(await prepared.notices()).toEqual([]);
  });

  test('are only counted, each once, and told where the configuration says so', async () => {
    const cloud = cloudWith([leftover('port', 'one'), leftover('volume', 'two')]);
    prepared = await prepareCloudFlow({ clouds: { ci: cloud.answers }, settings: reporting });

    await sweep();
    await sweep();
    const told = await prepared.notices();
    cloud.there.clear();
    await sweep();

    expect(cloud.asked).toEqual([]);
    expect(await prepared.counter('leftovers_found')).toEqual({ port: 1, volume: 1 });
    expect(await prepared.counter('leftovers_deleted')).toEqual({});
    expect([told, await prepared.notices()]).toEqual([['leftovers-found ci'], []]);
  });

  test('are touched by no dry run', async () => {
    const cloud = cloudWith([leftover('port', 'one')]);
    prepared = await prepareCloudFlow({ clouds: { ci: cloud.answers } });

    const swept = await sweepCloud(prepared.flow, prepared.flow.clouds.get('ci')!, 'report');

    expect(swept.leftovers.map(({ id }) => id)).toEqual(['one']);
    expect([cloud.asked, await prepared.rows.store.leftovers('ci')]).toEqual([[], []]);
  });
});

test('what an ordinary deletion removes between the two looks is no leftover', async () => {
  const resources: MarkedResource[] = [];
  const cloud = cloudWith([]);
  prepared = await prepareCloudFlow({
    clouds: {
      ci: {
        ...cloud.answers,
        listMarked: async () => {
          const [resource] = resources;
          await prepared.rows.store.saveServerDeleted(resource!.of!);
          return resources;
        },
      },
    },
  });
  const server = await prepared.addServer();
  resources.push(leftover('server', `nova-${server}`, server), leftover('port', 'port', server));
  await prepared.rows.store.releaseServer(server, { code: undefined, detail: '' });

  await sweep();

  expect(cloud.asked).toEqual([]);
  expect(await prepared.counter('leftovers_deleted')).toEqual({});
});

test('a ready server that somebody deleted is let go, also beside leftovers that cannot be deleted', async () => {
  const cloud = cloudWith([leftover('port', 'bound')], { refuses: 'bound' });
  prepared = await prepareCloudFlow({ clouds: { ci: cloud.answers } });
  const server = await prepared.addServer();
  await prepared.rows.store.saveServerReady(server, '192.0.2.1', []);

  await sweep();

  expect(await prepared.rows.store.findServer(server)).toMatchObject({ state: 'deleting', errorCode: 'server-lost' });
});

test('a cloud that does not answer holds up the sweep of no other one', async () => {
  const cloud = cloudWith([leftover('port', 'one')]);
  let asked = 0;
  const silent = async () => {
    asked += 1;
    return new Promise<never>(() => {});
  };
  prepared = await prepareCloudFlow({ clouds: { silent: { listMarked: silent }, ci: cloud.answers } });
  const round = createLeftoverSweeper(prepared.flow);

  await round();
  await expect.poll(() => cloud.there.size).toBe(0);
  cloud.there.set('two', leftover('port', 'two'));
  await expect.poll(async () => round().then(() => cloud.there.size)).toBe(0);

  expect(asked).toBe(1);
});
