import { branchMatches, globMatches } from '../domain/glob.ts';
import { rerunWords } from '../domain/recheck.ts';
import { lintReport } from '../domain/report-lint.ts';
import { reportTag, reportText } from '../domain/report-text.ts';
import type { Pipeline, Settings, VoteMode } from '../domain/settings.ts';
import type { Result } from '../domain/verdict.ts';
import { limitVote, strictestMode, voteFor } from '../domain/vote.ts';
import type { ClosedBuildset } from '../ports/build-store.ts';
import type { NewReport } from '../ports/report-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';

/** One such build is enough. A conflict is the operator's to know: OpenStack asks CIs to keep it to themselves. */
const untold: ReadonlySet<Result> = new Set(['ABORTED', 'MERGE_CONFLICT']);

/** 6a. Intend: what Gerrit shall be told of a buildset whose builds are over, written down with the last verdict; `post-reports` carries it out. */
export async function intendReport(flow: Flow, tx: Store, closed: ClosedBuildset): Promise<void> {
  if (!closed.wanted || closed.builds.some(({ verdict }) => untold.has(verdict.result))) return;
  const { settings } = flow;
  const builds = reportedBuilds(flow, closed);
  const pipeline = settings.pipelines.find(({ name }) => name === closed.pipeline);
  const { message } = reportText({
    pipeline: closed.pipeline,
    ciName: settings.name,
    contact: settings.contact,
    wikiUrl: settings.wikiUrl,
    recheck: pipeline && rerunWords(pipeline, settings.name),
    builds,
  });
  const flaws = lintReport(message);
  if (flaws.length > 0)
    await tx.saveNotice({ code: 'report-unreadable', subject: closed.pipeline, text: flaws.join(' ') });
  const { vote, isHeld } = limitVote(voteFor(pipeline?.vote, builds), modeOf(settings, closed));
  const state = stateOf(pipeline, isHeld);
  await tx.insertReport({
    buildset: closed.id,
    message,
    tag: reportTag(settings.name, closed.pipeline),
    // The first build's log folder carries its id: no other comment has it.
    marker: closed.builds[0]?.logPath ?? closed.id,
    vote,
    state,
  });
  if (state === 'held') await tx.saveNotice(heldNotice(closed, vote));
}

function reportedBuilds({ logsUrl, settings }: Flow, { builds }: ClosedBuildset) {
  return builds.map(({ job, verdict, durationMs, logPath }) => ({
    job,
    url: logsUrl + logPath,
    result: verdict.result,
    reason: verdict.reason,
    durationMs,
    voting: settings.jobs.find(({ name }) => name === job)?.voting ?? false,
    failedTests: verdict.failedTests,
    tests: verdict.tests,
  }));
}

function modeOf({ projects }: Settings, { patchset, pipeline }: ClosedBuildset): VoteMode {
  const entries = projects.filter(
    (entry) =>
      entry.connection === patchset.connection &&
      globMatches(entry.project, patchset.project) &&
      branchMatches(entry.branches, patchset.branch) &&
      Object.hasOwn(entry.pipelines, pipeline),
  );
  return strictestMode(entries.map(({ votes }) => votes));
}

function stateOf(pipeline: Pipeline | undefined, isHeld: boolean): NewReport['state'] {
  if (pipeline?.isSilent) return 'silent';
  return isHeld ? 'held' : 'intended';
}

function heldNotice({ patchset, pipeline }: ClosedBuildset, vote: NewReport['vote']) {
  const { number, patchset: of, project } = patchset;
  const text = `${vote?.label} ${vote?.value} on ${project} ${number},${of} (${pipeline}) waits: \`sidegate report list\`, or the page /reports.`;
  return { code: 'report-held', subject: project, text } as const;
}
