import { consoleFile } from '../domain/log-path.ts';
import { causeRules } from '../domain/cause.ts';
import type { Cause } from '../domain/cause.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';
import { intendReport } from './intend-report.ts';

/** Ends the builds of a buildset that cannot be tested before they start, and lets its author know why. */
export async function refuseBuildset(flow: Flow, buildset: string, reason: string): Promise<void> {
  await flow.store.transaction((tx) => refuse(flow, tx, { buildset, verdict: refusal('dependencies', reason) }));
}

/** Ends the build of one job that cannot do what it is configured to, before it starts: the operator has to mend it. */
export async function refuseJob(
  flow: Flow,
  tx: Store,
  { buildset, job, reason }: { readonly buildset: string; readonly job: string; readonly reason: string },
): Promise<void> {
  const verdict = refusal('service', reason, 'carry-unusable');
  const isRefused = await refuse(flow, tx, { buildset, verdict, job });
  if (isRefused) await tx.saveNotice({ code: 'carry-unusable', subject: job, text: reason });
}

interface Refusal {
  readonly buildset: string;
  readonly verdict: Verdict;
  readonly job?: string;
}

async function refuse(flow: Flow, tx: Store, { buildset, job, verdict }: Refusal): Promise<boolean> {
  const logPaths = await tx.endUnstarted(buildset, verdict, job);
  // The comment links to it.
  for (const logPath of logPaths) await flow.archive.write(`${logPath}${consoleFile}`, `${verdict.reason}\n`);
  const closed = logPaths.length > 0 ? await tx.closeBuildset(buildset) : undefined;
  if (closed) await intendReport(flow, tx, closed);
  return logPaths.length > 0;
}

function refusal(kind: Cause, reason: string, errorCode?: ErrorCode): Verdict {
  return {
    result: causeRules[kind].result,
    reason,
    errorCode,
    tests: undefined,
    failedTests: [],
    cause: { kind, signature: undefined, otherwise: kind, retry: false, lines: [] },
  };
}
