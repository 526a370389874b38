import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { CodeReview, PostedReview, ReviewTarget } from '../ports/code-review.ts';
import type { ReportRecord } from '../ports/report-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';

const atOnce = 10;
const firstPause = 1000;
const longestPause = 5 * 60_000;
/** A Gerrit that hung and answers again is still at work on the request we gave up (ms). */
const settling = 5000;
/** Reports (by buildset) that Gerrit has answered with a refusal: nothing of them is on its way. A process that starts knows of none. */
const refused = new Set<string>();
const refusals: ReadonlySet<ErrorCode | undefined> = new Set(['gerrit-busy', 'gerrit-refused', 'gerrit-auth']);

/**
 * 6b. Report: posts intended comments. A first try posts at once; any later try looks first whether the comment is there, because the
 * process may have died, or the answer may have been lost, after Gerrit took it or while Gerrit has it.
 */
export async function postReports(flow: Flow): Promise<boolean> {
  const reports = await flow.store.claimReports(flow.self, atOnce);
  await Promise.all(reports.map((report) => postReport(flow, report)));
  return reports.length === atOnce;
}

async function postReport(flow: Flow, report: ReportRecord): Promise<void> {
  const review = flow.reviews.get(report.patchset.connection)?.review;
  if (!review)
    return flow.store.saveReportFailed(
      report.buildset,
      `the Gerrit connection ${report.patchset.connection} is no longer configured`,
    );
  try {
    const posted = await postOnce(review, report);
    await flow.store.saveReportPosted(report.buildset, posted.outcome, posted.detail);
    await tellLostVote(flow, report, posted);
    if (report.earlierAttempts > 0) await closeTrouble(flow, report);
  } catch (error) {
    await delayReport(flow, report, error);
  }
}

/** `superseded`: without the vote, because a newer patchset came. */
type Posted = PostedReview | { readonly outcome: 'superseded'; readonly detail: string };

async function postOnce(review: CodeReview, report: ReportRecord): Promise<Posted> {
  const { patchset, message, tag, marker } = report;
  const target = {
    project: patchset.project,
    change: patchset.number,
    patchset: patchset.patchset,
    revision: patchset.revision,
  };
  if (report.earlierAttempts > 0 && (await wasPosted(report, () => review.hasOwnComment(target, marker)))) {
    return {
      outcome: 'commented',
      detail: 'found on Gerrit after an interruption; what became of the vote is not known',
    };
  }
  const newer = report.vote && (await newerPatchset(review, target));
  const vote = newer === undefined ? report.vote : undefined;
  const posted = await review.postReview({ ...target, message, tag, vote }).catch((error: unknown) => {
    if (refusals.has(errorCode(error))) refused.add(report.buildset);
    throw error;
  });
  if (newer !== undefined) return { outcome: 'superseded', detail: `patchset ${newer} is newer: no vote` };
  if (posted.outcome !== 'refused' && posted.outcome !== 'closed') return posted;
  // Gerrit refuses comment and vote together: the result still belongs to the patchset.
  await review.postReview({ ...target, message, tag, vote: undefined });
  return posted;
}

/** Gerrit takes a vote on any patchset; on one that is not the newest it only confuses. Asked of Gerrit: the event may be late. */
async function newerPatchset(review: CodeReview, target: ReviewTarget): Promise<number | undefined> {
  const current = await review.currentPatchset(target);
  return current > target.patchset ? current : undefined;
}

/** Looks twice: the first answer shows that Gerrit works, and only some time after that a missing comment is really missing. */
async function wasPosted({ buildset }: ReportRecord, look: () => Promise<boolean>): Promise<boolean> {
  const wasRefused = refused.delete(buildset);
  if (await look()) return true;
  if (wasRefused) return false;
  await sleep(settling);
  return look();
}

const passingTrouble = ['gerrit-unreachable', 'gerrit-busy', 'gerrit-auth', 'gerrit-refused', 'internal'] as const;

async function closeTrouble(flow: Flow, report: ReportRecord): Promise<void> {
  for (const code of passingTrouble) await flow.store.closeNotice(code, report.patchset.project);
}

const lostVotes = { refused: 'vote-refused', dropped: 'vote-dropped', closed: 'change-closed' } as const;

async function tellLostVote(flow: Flow, report: ReportRecord, { outcome, detail }: Posted): Promise<void> {
  if (outcome === 'voted' || outcome === 'commented' || outcome === 'superseded') return;
  const { patchset, vote } = report;
  flow.logger.warn({ change: patchset.number, outcome, detail }, 'Gerrit took the comment without the vote');
  await flow.store.saveNotice({
    code: lostVotes[outcome],
    subject: patchset.project,
    text: `${vote?.label} ${vote?.value} on ${patchset.project} ${patchset.number},${patchset.patchset}: ${detail}`,
  });
}

/** A report is given up only when Gerrit does not know the change any more; everything else is tried again for ever, ever slower. */
async function delayReport(flow: Flow, report: ReportRecord, error: unknown): Promise<void> {
  const pause = Math.min(firstPause * 2 ** report.earlierAttempts, longestPause);
  flow.logger.warn({ buildset: report.buildset, err: errorText(error), pause }, 'a report could not be posted');
  if (errorCode(error) === 'not-found') return flow.store.saveReportFailed(report.buildset, errorText(error));
  await flow.store.saveReportDelayed(report.buildset, pause, errorText(error));
  const code = error instanceof SidegateError ? error.code : 'internal';
  await flow.store.saveNotice({ code, subject: report.patchset.project, text: errorText(error) });
}
