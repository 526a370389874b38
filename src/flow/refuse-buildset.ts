import { consoleFile } from '../domain/log-path.ts';
import { causeRules } from '../domain/cause.ts';
import type { NamedCause, Verdict } from '../domain/verdict.ts';
import type { Flow } from './context.ts';
import { intendReport } from './intend-report.ts';

const cause: NamedCause = {
  kind: 'dependencies',
  signature: undefined,
  otherwise: 'dependencies',
  retry: false,
  lines: [],
};

/** Ends the builds of a buildset that cannot be tested before they start, and lets its author know why. */
export async function refuseBuildset(flow: Flow, buildset: string, reason: string): Promise<void> {
  const verdict: Verdict = {
    result: causeRules.dependencies.result,
    reason,
    errorCode: undefined,
    tests: undefined,
    failedTests: [],
    cause,
  };
  await flow.store.transaction(async (tx) => {
    if (!(await tx.endUnstarted(buildset, verdict))) return;
    const closed = await tx.closeBuildset(buildset);
    if (!closed) return;
    // The comment links to it.
    for (const { logPath } of closed.builds) await flow.archive.write(`${logPath}${consoleFile}`, `${reason}\n`);
    await intendReport(flow, tx, closed);
  });
}
