import { consoleFile } from '../domain/log-path.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Flow } from './context.ts';
import { intendReport } from './intend-report.ts';

/** Ends the builds of a buildset that cannot be tested before they start, and lets its author know why. */
export async function refuseBuildset(flow: Flow, buildset: string, reason: string): Promise<void> {
  const verdict: Verdict = { result: 'ERROR', reason, errorCode: undefined, tests: undefined, failedTests: [] };
  await flow.store.transaction(async (tx) => {
    if (!(await tx.endUnstarted(buildset, verdict))) return;
    const closed = await tx.closeBuildset(buildset);
    if (!closed) return;
    // The comment links to it.
    for (const { logPath } of closed.builds) await flow.archive.write(`${logPath}${consoleFile}`, `${reason}\n`);
    await intendReport(flow, tx, closed);
  });
}
