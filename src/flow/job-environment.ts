import { carryOf } from '../domain/carry.ts';
import { SidegateError } from '../domain/errors.ts';
import type { Patchset } from '../domain/patchset.ts';
import { isPatchset } from '../domain/tested-ref.ts';
import type { TestedRef } from '../domain/tested-ref.ts';
import { carryConflictStatus, mergeConflictStatus } from '../domain/verdict.ts';
import type { Flow } from './context.ts';
import type { Worker } from './prepare-worker.ts';
import type { BuildContext } from './run-build.ts';

/** What a job's scripts find in their environment (docs/configure.md, "Jobs"). No secret is among it: the code under test reads it too. */
export function jobEnvironment({ flow, build, job }: BuildContext, worker: Worker): Record<string, string> {
  const { tested, dependencies } = build;
  const patchset = isPatchset(tested) ? tested : undefined;
  const carry = carryOf(dependencies, build.job);
  return {
    ...job.environment,
    SIDEGATE_BUILD: build.id,
    SIDEGATE_JOB: build.job,
    SIDEGATE_PIPELINE: build.pipeline,
    SIDEGATE_PROJECT: tested.project,
    SIDEGATE_BRANCH: tested.branch,
    SIDEGATE_CHANGE: String(patchset?.number ?? ''),
    SIDEGATE_PATCHSET: String(patchset?.patchset ?? ''),
    SIDEGATE_REVISION: tested.revision,
    SIDEGATE_REF: tested.ref,
    SIDEGATE_FETCH_URL: fetchUrl(flow, tested),
    SIDEGATE_CHANGES: [...dependencies.changes, ...(patchset ? [patchset] : [])]
      .map((change) => changeLine(flow, change))
      .join('\n'),
    SIDEGATE_CARRIED_CHANGES: (carry?.changes ?? []).map((change) => changeLine(flow, change)).join('\n'),
    SIDEGATE_IGNORED_DEPENDENCIES: [...dependencies.ignored, ...(carry?.left ?? [])].join('\n'),
    SIDEGATE_MERGE_CONFLICT: String(mergeConflictStatus),
    SIDEGATE_CARRY_CONFLICT: String(carryConflictStatus),
    ...worker.variables,
  };
}

/** Names have no tabs: they are checked where they come in. */
function changeLine(flow: Flow, change: Patchset): string {
  const { connection, project, branch, ref, revision } = change;
  return [connection, project, branch, ref, revision, fetchUrl(flow, change)].join('\t');
}

function fetchUrl({ reviews }: Flow, { connection }: TestedRef): string {
  const review = reviews.get(connection)?.review;
  if (!review) throw new SidegateError('config-invalid', `the Gerrit connection ${connection} is no longer configured`);
  return review.fetchUrl;
}
