import { ruleOf } from '../domain/cause.ts';
import { rerunWords } from '../domain/recheck.ts';
import { lintedReport, reportTag } from '../domain/report-text.ts';
import type { LintedReport } from '../domain/report-text.ts';
import type { Settings, VoteMode } from '../domain/settings.ts';
import { matchingEntries } from '../domain/trigger.ts';
import { limitVote, strictestMode, voteFor } from '../domain/vote.ts';
import type { Vote } from '../domain/vote.ts';
import type { PatchsetBuildset } from '../ports/build-store.ts';
import type { Flow } from './context.ts';

export interface ComposedReport extends LintedReport {
  readonly tag: string;
  readonly vote: Vote | undefined;
  /** The vote is bad, and a person decides on it. */
  readonly mustWait: boolean;
  readonly isSilent: boolean;
}

/** What Gerrit shall be told of a buildset by today's configuration. */
export function composeReport(flow: Pick<Flow, 'settings' | 'logsUrl'>, closed: PatchsetBuildset): ComposedReport {
  const { settings } = flow;
  const builds = reportedBuilds(flow, closed);
  const pipeline = settings.pipelines.find(({ name }) => name === closed.pipeline);
  const linted = lintedReport({
    pipeline: closed.pipeline,
    ciName: settings.name,
    contact: settings.contact,
    wikiUrl: settings.wikiUrl,
    recheck: pipeline && rerunWords(pipeline, settings.name),
    builds,
  });
  const { vote, isHeld } = limitVote(voteFor(pipeline?.vote, builds), modeOf(settings, closed));
  return {
    ...linted,
    tag: reportTag(settings.name, closed.pipeline),
    vote,
    mustWait: isHeld,
    isSilent: pipeline?.isSilent ?? false,
  };
}

function reportedBuilds(
  { logsUrl, settings }: Pick<Flow, 'settings' | 'logsUrl'>,
  { builds }: Pick<PatchsetBuildset, 'builds'>,
) {
  return builds.map(({ job, verdict, durationMs, logPath }) => ({
    job,
    url: logsUrl + logPath,
    result: verdict.result,
    reason: verdict.reason,
    cause: ruleOf(verdict)?.what,
    durationMs,
    voting: settings.jobs.find(({ name }) => name === job)?.voting ?? false,
    failedTests: verdict.failedTests,
    tests: verdict.tests,
  }));
}

function modeOf(settings: Settings, { patchset, pipeline }: PatchsetBuildset): VoteMode {
  const entries = matchingEntries(patchset, settings).filter(({ pipelines }) => Object.hasOwn(pipelines, pipeline));
  return strictestMode(entries.map(({ votes }) => votes));
}
