import { tipName } from '../domain/tested-ref.ts';
import type { BranchTip } from '../domain/tested-ref.ts';
import type { FinishedBuild } from '../ports/build-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';

interface BranchBuildset {
  readonly tip: BranchTip;
  readonly pipeline: string;
  readonly builds: readonly FinishedBuild[];
}

/** A branch that fails makes every change to it fail: the operator hears of it until it passes again. */
export async function tellOfBranch(
  { logsUrl }: Pick<Flow, 'logsUrl'>,
  tx: Store,
  { builds, pipeline, tip }: BranchBuildset,
): Promise<void> {
  const subject = `${pipeline} of ${tip.project} ${tip.branch}`;
  const failed = builds.filter(({ verdict }) => verdict.result === 'FAILURE');
  if (failed.length === 0) {
    if (builds.every(({ verdict }) => verdict.result === 'SUCCESS')) await tx.closeNotice('branch-failed', subject);
    return;
  }
  const reasons = failed.map(({ job, logPath, verdict }) => `${job}: ${verdict.reason} ${logsUrl}${logPath}`);
  const text = `${tip.project} ${tipName(tip)} fails in ${pipeline}. ${reasons.join('; ')}`;
  await tx.saveNotice({ code: 'branch-failed', subject, text: text.slice(0, 2000) });
}
