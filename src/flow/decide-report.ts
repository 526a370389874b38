import { SidegateError } from '../domain/errors.ts';
import type { ReportDecision } from '../ports/report-store.ts';
import type { Store } from '../ports/store.ts';

type Reports = Pick<Store, 'heldReports' | 'decideReport' | 'closeNotice' | 'transaction'>;

/** A person's word on a bad vote that waits. Throws `not-found` when it does not wait any more. */
export async function decideReport(
  store: Reports,
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
    await closeHeldNotice(tx, report.patchset.project);
  });
}

/** The operator need not look any more when nothing of the project waits. */
export async function closeHeldNotice(tx: Pick<Store, 'heldReports' | 'closeNotice'>, project: string): Promise<void> {
  const held = await tx.heldReports();
  if (held.some(({ patchset }) => patchset.project === project)) return;
  await tx.closeNotice('report-held', project);
}
