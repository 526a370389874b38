import { SidegateError } from '../domain/errors.ts';
import type { ReportDecision } from '../ports/report-store.ts';
import type { Store } from '../ports/store.ts';

/** A person's word on a bad vote that waits. Throws `not-found` when it does not wait any more. */
export async function decideReport(
  store: Pick<Store, 'transaction'>,
  { buildset, by, decision }: { readonly buildset: string; readonly decision: ReportDecision; readonly by: string },
): Promise<void> {
  await store.transaction(async (tx) => {
    const report = (await tx.heldReports()).find((one) => one.buildset === buildset);
    const isDecided = report !== undefined && (await tx.decideReport(buildset, decision, by));
    if (!isDecided)
      throw new SidegateError(
        'not-found',
        'No report of this buildset waits: somebody decided before, or a newer patchset came.',
      );
    await tx.closeHeldNotice(report.patchset.project);
  });
}
