import { SidegateError } from '../domain/errors.ts';
import type { Worker } from './prepare-worker.ts';
import type { BuildContext } from './run-build.ts';

/** What a job's scripts find in their environment (docs/configure.md, "Jobs"). No secret is among it: the code under test reads it too. */
export function jobEnvironment({ flow, build, job }: BuildContext, worker: Worker): Record<string, string> {
  const { patchset } = build;
  const review = flow.reviews.get(patchset.connection)?.review;
  if (!review)
    throw new SidegateError('config-invalid', `the Gerrit connection ${patchset.connection} is no longer configured`);
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
    SIDEGATE_FETCH_URL: review.fetchUrl,
    ...worker.variables,
  };
}
