import { ruleOf } from '../domain/cause.ts';
import { patchsetName } from '../domain/patchset.ts';
import { isPatchset } from '../domain/tested-ref.ts';
import type { ClosedBuildset, PatchsetBuildset } from '../ports/build-store.ts';
import type { HoldReason } from '../ports/report-store.ts';
import type { Store } from '../ports/store.ts';
import { composeReport } from './compose-report.ts';
import type { ComposedReport } from './compose-report.ts';
import type { Flow } from './context.ts';
import { findStoppedJob } from './stop-reports.ts';
import { tellOfBranch } from './tell-of-branch.ts';

/**
 * 6a. Intend: what Gerrit shall be told of a buildset whose builds are over, written down with the last verdict; `post-reports` carries it out.
 * The operator alone is told of branches.
 */
export async function intendReport(flow: Flow, tx: Store, closed: ClosedBuildset): Promise<void> {
  // One such build is enough. A conflict is the operator's to know: OpenStack asks CIs to keep it to themselves.
  if (!closed.wanted || closed.builds.some(({ verdict }) => ruleOf(verdict)?.vote === 'no comment')) return;
  const { tested, ...rest } = closed;
  if (!isPatchset(tested))
    return tellOfBranch(flow, tx, { tip: tested, pipeline: closed.pipeline, builds: closed.builds });
  await intendComment(flow, tx, { ...rest, patchset: tested });
}

async function intendComment(flow: Flow, tx: Store, buildset: PatchsetBuildset): Promise<void> {
  const report = composeReport(flow, buildset);
  const stoppedJob = report.isSilent ? undefined : await findStoppedJob(flow, tx, buildset);
  const heldFor = report.isSilent ? undefined : holdReason(report, stoppedJob);
  if (report.flaws.length > 0) await tx.saveNotice(flawNotice(buildset, report));
  const { message, tag, vote } = report;
  await tx.insertReport({
    buildset: buildset.id,
    message,
    tag,
    // The first build's log folder carries its id: no other comment has it.
    marker: buildset.builds[0]?.logPath ?? buildset.id,
    vote,
    state: report.isSilent ? 'silent' : heldFor === undefined ? 'intended' : 'held',
    heldFor,
    stoppedJob,
  });
  if (heldFor === 'vote') await tx.saveNotice(heldNotice(buildset, report));
  else await tx.closeHeldNotice(buildset.patchset.project);
}

/** What a person must decide comes before what may end by itself. */
function holdReason({ form, mustWait }: ComposedReport, stoppedJob: string | undefined): HoldReason | undefined {
  if (mustWait) return 'vote';
  if (form === 'unreadable') return 'unreadable';
  return stoppedJob === undefined ? undefined : 'stopped';
}

function flawNotice({ patchset, pipeline }: PatchsetBuildset, { flaws, form, isSilent }: ComposedReport) {
  const outcome = isSilent ? 'It is silent.' : form === 'reduced' ? 'It is posted without details.' : 'It waits.';
  const text = `The comment on ${patchsetName(patchset)} (${pipeline}): ${flaws.join('; ')}. ${outcome}`;
  return { code: 'report-unreadable', subject: pipeline, text } as const;
}

function heldNotice({ patchset, pipeline }: PatchsetBuildset, { vote }: ComposedReport) {
  const text = `${vote?.label} ${vote?.value} on ${patchsetName(patchset)} (${pipeline}) waits: \`sidegate report list\`, or the page /reports.`;
  return { code: 'report-held', subject: patchset.project, text } as const;
}
