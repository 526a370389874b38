import { randomUUID } from 'node:crypto';
import { createGerritReview } from '../../src/adapters/gerrit/create-gerrit-review.ts';
import { accessTo } from '../../src/adapters/gerrit/testing/recorded.ts';
import { success } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { ReviewEvent } from '../../src/domain/event.ts';
import type { Patchset } from '../../src/domain/patchset.ts';
import type { ProjectSettings, Settings } from '../../src/domain/settings.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import type { Flow } from '../../src/flow/context.ts';
import { decideEvents } from '../../src/flow/decide-events.ts';
import type { HeardEvent } from '../../src/ports/journal-store.ts';
import { prepareCloudFlow } from './cloud-flow.ts';
import type { CloudFlow } from './cloud-flow.ts';

export { replay, startReplayServer } from '../../src/adapters/gerrit/testing/replay-server.ts';
export { readRecorded } from '../../src/adapters/gerrit/testing/recorded.ts';
export type { ReplayServer } from '../../src/adapters/gerrit/testing/replay-server.ts';
export { patchsetOf } from '../../src/adapters/sql/testing/sample-rows.ts';

/** All changes of nova's master run one job in `check`. */
export const novaMaster = {
  connection: 'review',
  project: 'openstack/nova',
  branches: ['master'],
  pipelines: { check: ['job'] },
  filter: { owners: undefined, topics: undefined, hashtags: undefined, workInProgress: true, private: true },
} as unknown as ProjectSettings;

/** Deciding on a real database; files come from the Gerrit at `url`. */
export interface TriggerFlow extends Pick<CloudFlow, 'rows' | 'notices' | 'drop'> {
  readonly flow: Flow;
  /** Journals an event; answers its id. */
  hear(event: ReviewEvent, source?: HeardEvent['source']): Promise<string>;
  decide(): Promise<void>;
  decisionOn(eventId: string): Promise<{ decision: string | null; reason: string | null }>;
  /** State and priority of the buildsets of a patchset, oldest first. */
  buildsets(patchset: Patchset): Promise<readonly { state: string; priority: number }[]>;
  /** The queued builds of a patchset become running. */
  start(patchset: Patchset): Promise<void>;
  /** Starts and ends the builds of a patchset. */
  finish(patchset: Patchset, verdict?: Verdict): Promise<void>;
}

export async function prepareTriggerFlow(settings: Partial<Settings>, url?: string): Promise<TriggerFlow> {
  const prepared = await prepareCloudFlow({ settings });
  const { rows } = prepared;
  const access = accessTo({ name: 'review', ...(url === undefined ? {} : { url }) });
  const review = createGerritReview(access);
  const flow: Flow = { ...prepared.flow, reviews: new Map([['review', { review, username: access.username }]]) };
  const ask = async <T extends object>(query: string, ...values: readonly unknown[]) =>
    (await rows.database.pool.query<T>(query, [...values])).rows;
  const open = ({ number, patchset }: Patchset) =>
    ask<{ id: string; buildset: string; state: string }>(
      `select b.id, b.buildset, b.state from builds b join buildsets s on s.id = b.buildset
       where s.change_number = $1 and s.patchset = $2 and b.state <> 'done'`,
      number,
      patchset,
    );
  const start = async (patchset: Patchset) => {
    const owner = await rows.addProcess();
    for (const { id, state } of await open(patchset))
      if (state === 'queued')
        await rows.store.startBuilds([{ buildId: id, owner, serverId: randomUUID(), slot: undefined }]);
  };
  return {
    rows,
    flow,
    notices: () => prepared.notices(),
    drop: () => prepared.drop(),
    start,
    hear: async (event, source = 'stream') => {
      const key = randomUUID();
      await rows.store.appendEvents([{ connection: 'review', key, source, event }]);
      const [row] = await ask<{ id: string }>(`select id from events where key = $1`, key);
      return row!.id;
    },
    decide: async () => void (await decideEvents(flow)),
    decisionOn: async (id) =>
      (
        await ask<{ decision: string | null; reason: string | null }>(
          `select decision, reason from events where id = $1`,
          id,
        )
      )[0]!,
    buildsets: ({ number, patchset }) =>
      ask<{ state: string; priority: number }>(
        `select state, priority from buildsets where change_number = $1 and patchset = $2 order by created_at`,
        number,
        patchset,
      ),
    finish: async (patchset, verdict = success) => {
      await start(patchset);
      const owner = await rows.addProcess();
      for (const { id, buildset } of await open(patchset)) {
        const build = await rows.store.takeBuild(id, owner);
        await rows.store.finishBuild({ buildId: id, epoch: build!.epoch }, verdict);
        await rows.store.closeBuildset(buildset);
      }
    },
  };
}
