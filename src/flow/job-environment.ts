import { SidegateError } from '../domain/errors.ts';
import type { Patchset } from '../domain/patchset.ts';
import { mergeConflictStatus } from '../domain/verdict.ts';
import type { Flow } from './context.ts';
import type { Worker } from './prepare-worker.ts';
import type { BuildContext } from './run-build.ts';

/** What a job's scripts find in their environment (docs/configure.md, "Jobs"). No secret is among it: the code under test reads it too. */
export function jobEnvironment({ flow, build, job }: BuildContext, worker: Worker): Record<string, string> {
  const { patchset, dependencies } = build;
  return {
    ...job.environment,
    SIDEGATE_BUILD: build.id,
    SIDEGATE_JOB: build.job,
    SIDEGATE_PIPELINE: build.pipeline,
    SIDEGATE_PROJECT: patchset.project,
    SIDEGATE_BRANCH: patchset.branch,
    SIDEGATE_CHANGE: String(patchset.number),
    SIDEGATE_PATCHSET: String(patchset.patchset),
    SIDEGATE_REVISION: patchset.revision,
    SIDEGATE_REF: patchset.ref,
    SIDEGATE_FETCH_URL: fetchUrl(flow, patchset),
    SIDEGATE_CHANGES: [...dependencies.changes, patchset].map((change) => changeLine(flow, change)).join('\n'),
    SIDEGATE_IGNORED_DEPENDENCIES: dependencies.ignored.join('\n'),
    SIDEGATE_MERGE_CONFLICT: String(mergeConflictStatus),
    ...worker.variables,
  };
}

/** Names have no tabs: they are checked where they come in. */
function changeLine(flow: Flow, change: Patchset): string {
  const { connection, project, branch, ref, revision } = change;
  return [connection, project, branch, ref, revision, fetchUrl(flow, change)].join('\t');
}

function fetchUrl({ reviews }: Flow, { connection }: Patchset): string {
  const review = reviews.get(connection)?.review;
  if (!review) throw new SidegateError('config-invalid', `the Gerrit connection ${connection} is no longer configured`);
  return review.fetchUrl;
}
