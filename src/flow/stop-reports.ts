import { SidegateError } from '../domain/errors.ts';
import { patchsetName } from '../domain/patchset.ts';
import { stormOf } from '../domain/storm.ts';
import type { FinishedBuild, PatchsetBuildset } from '../ports/build-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';
import { resumeReports } from './resume-reports.ts';
import { stopLock, stopSubject } from './stop-names.ts';

type Brake = Pick<Flow, 'settings'>;

/** Results looked back at, as a multiple of the limit: several on one change count once. */
const lookBack = 10;
const namedChanges = 10;

/**
 * The storm brake. A job of this buildset whose failures are not reported: they were stopped before, or this is the one too many. A success is the
 * probe that lets reports go on.
 */
export async function findStoppedJob(flow: Brake, tx: Store, closed: PatchsetBuildset): Promise<string | undefined> {
  const stopped: string[] = [];
  // In one order, so that two buildsets of the same jobs do not wait for each other.
  for (const build of closed.builds.toSorted((one, other) => (one.job < other.job ? -1 : 1)))
    if (await isStopped(flow, tx, closed, build)) stopped.push(build.job);
  return stopped[0];
}

async function isStopped(flow: Brake, tx: Store, closed: PatchsetBuildset, build: FinishedBuild): Promise<boolean> {
  const { job, verdict } = build;
  await tx.lock(stopLock(job));
  const stop = (await tx.stoppedJobs()).find((one) => one.job === job);
  if (verdict.result === 'SUCCESS') {
    const endsIt = stop !== undefined && stop.by === undefined && flow.settings.stormBrake.resume === 'success';
    if (endsIt)
      await resumeReports(tx, { job, by: `the success on ${patchsetName(closed.patchset)}`, waiting: 'rerun' });
    return false;
  }
  return stop !== undefined || (await trips(flow, tx, closed, build));
}

async function trips(
  { settings }: Brake,
  tx: Store,
  { patchset }: PatchsetBuildset,
  { job, verdict }: FinishedBuild,
): Promise<boolean> {
  const limit = settings.stormBrake.failures;
  if (limit === 0) return false;
  const ours = {
    ...verdict,
    name: patchsetName(patchset),
    changeKey: `${patchset.connection} ${patchset.number}`,
    owner: patchset.owner,
  };
  const storm = stormOf(ours, await tx.resultsReported(job, limit * lookBack), limit);
  if (!storm) return false;
  const named = storm.slice(0, namedChanges).join(', ');
  const reason = `${storm.length} changes failed alike in a row: ${named}. ${verdict.reason}`.slice(0, 2000);
  await tx.stopJob({ job, reason, by: undefined });
  await tx.saveNotice({ code: 'reports-stopped', subject: stopSubject(job), text: `${job}: ${reason}` });
  return true;
}

/** By hand: failures of a job are not reported until a person says so. Throws `not-found` when they are stopped already. */
export async function stopReports(
  store: Pick<Store, 'stopJob' | 'transaction'>,
  { job, reason, by }: { readonly job: string; readonly reason: string; readonly by: string },
): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.lock(stopLock(job));
    if (!(await tx.stopJob({ job, reason, by })))
      throw new SidegateError('not-found', `Reports of ${job} are stopped already.`);
    await tx.saveNotice({ code: 'reports-stopped', subject: stopSubject(job), text: `${job}, by ${by}: ${reason}` });
  });
}
