import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addBranch } from '../../../lab/gerrit/add-branch.ts';
import { prepareChain } from '../../../lab/gerrit/push-chain.ts';
import type { Chain } from '../../../lab/gerrit/push-chain.ts';
import { createGerritReview } from '../../../src/adapters/gerrit/create-gerrit-review.ts';
import { sleep } from '../../../src/shared/clock.ts';
import { startCountingProxy } from '../world/counting-proxy.ts';
import type { GerritUnderTest } from '../world/gerrit-under-test.ts';
import { until } from '../world/look.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { project } from './stage.ts';

const branch = 'chain';
/** Other stories leave changes on the same Gerrit. */
const ofChain = `type = 'patchset-created' and event -> 'patchset' ->> 'branch' = '${branch}'`;
const timeout = 480_000;
const patience = 240_000;
/** Gerrit's search index of the lab goes to disk each second. */
const indexCommit = 2500;

/** `SIDEGATE_CHAIN=500` for the length that the issue asks for. */
const length = Number(process.env['SIDEGATE_CHAIN'] ?? 120);

interface Scene {
  readonly gerrit: GerritUnderTest;
  readonly world: World;
  readonly chain: Chain;
}

/** Many changes in one push, while everybody dies; the same on every Gerrit. Builds wait: what is looked at is hearing and deciding. */
export function chainStories(name: string, start: () => Promise<GerritUnderTest>): void {
  describe(`${length} changes in one push to ${name}`, { timeout }, () => {
    let scene: Scene | undefined;

    beforeAll(async () => {
      scene = await prepareScene(await start());
    });
    afterAll(async () => {
      await scene?.world.stop();
      await scene?.chain.remove();
      await scene?.gerrit.stop();
    });

    test('are all journaled and decided once, with sidegate killed twice and Gerrit once', async () => {
      const { world } = scene!;
      const numbers = await pushWhileAllDie(scene!);
      await until(
        () =>
          rows<object>(world, `select distinct change_number from events where ${ofChain} and decision is not null`),
        (decided) => decided.length >= length,
        patience,
      );

      const events = await rows<{ change_number: number; decision: string }>(
        world,
        `select change_number, decision from events
         where ${ofChain} order by 1`,
      );
      const buildsets = await rows<{ change_number: number }>(world, `select change_number from buildsets order by 1`);
      expect(numbers).toHaveLength(length);
      expect(events).toEqual(numbers.map((number) => ({ change_number: number, decision: 'started' })));
      expect(buildsets.map((buildset) => buildset.change_number)).toEqual(numbers);
    });

    test('are found by REST in no more than ten requests for 500', async () => {
      const { changes, requests } = await backfill(scene!);

      expect(changes).toBeGreaterThanOrEqual(length);
      expect(requests).toBeLessThanOrEqual(Math.ceil(changes / 500) * 10);
    });
  });
}

async function prepareScene(gerrit: GerritUnderTest): Promise<Scene> {
  await addBranch(gerrit, project, branch);
  const configuration = {
    clouds: [{ name: 'ci-cloud', max_servers: 0 }],
    projects: [{ gerrit: 'review', project, branches: [branch], pipelines: { check: ['story'] } }],
  };
  const world = await startWorld({ gerrit, configuration });
  const { username, password } = gerrit.accounts.dev;
  return { gerrit, world, chain: await prepareChain({ url: gerrit.url, username, password, project, branch }, length) };
}

/** Gerrit dies when all is pushed and not all was heard: nobody but its REST interface can tell the rest. Returns the numbers of the changes. */
async function pushWhileAllDie({ gerrit, world, chain }: Scene): Promise<readonly number[]> {
  const first = await world.startSidegate();
  const pushing = chain.push();
  await journaled(world, length * 0.1);
  first.process.kill('SIGKILL');
  const second = await world.startSidegate();
  await journaled(world, length * 0.3);
  second.process.kill('SIGKILL');
  await pushing;
  const all = () =>
    until(
      () => changesOf(gerrit, chain),
      (numbers) => numbers.length === length,
      patience,
    );
  await all();
  await sleep(indexCommit);

  await gerrit.kill();
  const starting = world.startSidegate();
  await gerrit.restart();
  await starting;
  return await all();
}

async function rows<T extends object>({ database }: World, query: string): Promise<readonly T[]> {
  return (await database.pool.query<T>(query)).rows;
}

async function journaled(world: World, count: number): Promise<void> {
  await until(
    () => rows<object>(world, `select from events where ${ofChain}`),
    (events) => events.length >= count,
    patience,
  );
}

/** As Gerrit's search knows them. */
async function changesOf({ url }: GerritUnderTest, { topic }: Chain): Promise<readonly number[]> {
  const answer = await fetch(`${url}/changes/?q=topic:${topic}&n=500`);
  const infos = JSON.parse((await answer.text()).replace(/^\)\]\}'/, '')) as readonly { readonly _number: number }[];
  return infos.map(({ _number: number }) => number).toSorted((a, b) => a - b);
}

/** What one look at the last hour takes. */
async function backfill({ gerrit }: Scene): Promise<{ readonly changes: number; readonly requests: number }> {
  const proxy = await startCountingProxy(gerrit.url);
  const { username, password, privateKeyFile } = gerrit.accounts['zvm-ci'];
  const review = createGerritReview({
    name: 'review',
    host: '127.0.0.1',
    sshPort: gerrit.sshPort,
    username,
    password,
    privateKey: readFileSync(privateKeyFile, 'utf8'),
    hostKeys: [gerrit.hostKey],
    url: proxy.url,
    keepaliveInterval: 1000,
    keepaliveCount: 3,
    requestTimeout: 30_000,
  });
  try {
    const changes = new Set<number>();
    // What people said on other changes of the lab is known: a chain has no comments.
    const known = async (messages: readonly { readonly id: string }[]) => new Set(messages.map(({ id }) => id));
    for await (const event of review.eventsSince(Date.now() - 3_600_000, [project], known))
      if (event.type === 'patchset-created') if (event.patchset.branch === branch) changes.add(event.patchset.number);
    return { changes: changes.size, requests: proxy.requests.length };
  } finally {
    await proxy.close();
  }
}
