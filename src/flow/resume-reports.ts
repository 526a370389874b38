import { SidegateError } from '../domain/errors.ts';
import type { Store } from '../ports/store.ts';
import { journalEvents } from './journal-events.ts';
import { stopLock, stopSubject } from './stop-names.ts';

/** What becomes of reports that wait: their changes are tested again, they are posted as they are, or nobody hears of them. */
export type Waiting = 'rerun' | 'post' | 'drop';

interface Resume {
  readonly job: string;
  readonly by: string;
  readonly waiting: Waiting;
}

/** Failures of a job are reported again. Throws `not-found` when they are. Answers how many reports waited. */
export async function resumeReports(store: Store, { job, by, waiting }: Resume): Promise<number> {
  return store.transaction(async (tx) => {
    await tx.lock(stopLock(job));
    const stop = (await tx.stoppedJobs()).find((one) => one.job === job);
    if (!stop || !(await tx.resumeJob(job, by)))
      throw new SidegateError(
        'not-found',
        `Reports of ${job} are not stopped: \`sidegate report list\` names those that are.`,
      );
    await tx.closeNotice('reports-stopped', stopSubject(job));
    if (waiting === 'post') await tx.postStopped(job, by);
    else await dropThem(tx, { job, by, waiting });
    return stop.waiting;
  });
}

async function dropThem(tx: Store, { job, by, waiting }: Resume): Promise<void> {
  const dropped = await tx.dropStopped(job, by);
  for (const project of new Set(dropped.map(({ patchset }) => patchset.project))) await tx.closeHeldNotice(project);
  if (waiting === 'drop') return;
  for (const { buildset, patchset } of dropped) {
    const event = { type: 'patchset-created', patchset, createdAt: Date.now() } as const;
    // As `enqueue` does it. One event for each: who is asked for twice is queued once.
    await journalEvents({ store: tx }, [
      { connection: patchset.connection, key: `rerun:${buildset}`, source: 'manual', event },
    ]);
  }
}
