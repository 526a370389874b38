import { summarizeMissing } from '../domain/results/missing-summary.ts';
import type { MissingSummary } from '../domain/results/missing-summary.ts';
import type { TestResults } from '../domain/test-result.ts';
import type { BuildContext } from './run-build.ts';

/** Which tests should have run and did not, by the job's own selection and by the last run; kept with the build. */
export async function countMissing(
  { flow, lease }: BuildContext,
  results: TestResults,
  selection: readonly string[] | undefined,
): Promise<MissingSummary> {
  const missing = summarizeMissing(results, { selection, last: await flow.store.lastTests(lease.buildId) });
  await flow.store.saveMissingTests(lease, missing);
  return missing;
}
