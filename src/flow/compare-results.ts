import { compareOutcomes, lastResult } from '../domain/compare-results.ts';
import type { Comparison, SaidOn } from '../domain/compare-results.ts';
import { errorCode } from '../domain/errors.ts';
import type { Patchset } from '../domain/patchset.ts';
import { readResult } from '../domain/read-result.ts';
import { outcomeOf } from '../domain/vote.ts';
import type { Outcome } from '../domain/vote.ts';
import type { CodeReview, ReviewTarget } from '../ports/code-review.ts';
import type { ReportedBuildset } from '../ports/report-store.ts';
import type { Flow, ReviewAccount } from './context.ts';

interface CompareRequest {
  /** User name or full name of the other CI's account. */
  readonly account: string;
  /** Their pipeline; undefined: whichever spoke last. */
  readonly pipeline: string | undefined;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Results compared, the newest first. */
  readonly limit: number;
}

export interface Compared {
  readonly patchset: Patchset;
  readonly pipeline: string;
  readonly comparison: Comparison;
  readonly ours: {
    readonly outcome: Outcome;
    /** ISO 8601. */
    readonly at: string;
    readonly jobs: readonly {
      readonly job: string;
      readonly result: string;
      readonly reason: string;
      readonly url: string;
    }[];
  };
  /** Undefined: nothing on this patchset. */
  readonly theirs:
    | {
        readonly outcome: Outcome;
        readonly at: string;
        readonly pipeline: string | undefined;
        readonly jobs: SaidOn['said']['jobs'];
      }
    | undefined;
}

/** Our results of one Gerrit beside those of another account there; one request to Gerrit for each change. */
export async function* compareResults(
  flow: Pick<Flow, 'store' | 'settings' | 'logsUrl'>,
  { review }: Pick<ReviewAccount, 'review'>,
  { account, limit, pipeline, since }: CompareRequest,
): AsyncGenerator<Compared> {
  const asked = new Map<number, readonly SaidOn[]>();
  for (const buildset of await flow.store.reportedBuildsets(review.name, since, limit)) {
    const { number, patchset, project, revision } = buildset.patchset;
    if (!asked.has(number)) {
      const target = { project, change: number, patchset, revision };
      asked.set(number, await resultsBy(review, account, target));
    }
    yield compare(flow, buildset, lastResult(asked.get(number) ?? [], patchset, pipeline));
  }
}

async function resultsBy(review: CodeReview, account: string, target: ReviewTarget): Promise<readonly SaidOn[]> {
  const messages = await review.messagesBy(account, target).catch((error: unknown) => {
    // Deleted, or private by now.
    if (errorCode(error) === 'not-found') return [];
    throw error;
  });
  return messages.flatMap(({ at, patchset, text }) => {
    const said = readResult(text);
    return said ? [{ at, patchset, said }] : [];
  });
}

function compare(
  { logsUrl, settings }: Pick<Flow, 'settings' | 'logsUrl'>,
  { builds, patchset, pipeline, reportedAt }: ReportedBuildset,
  theirs: SaidOn | undefined,
): Compared {
  const voting = (job: string) => settings.jobs.find(({ name }) => name === job)?.voting ?? false;
  const outcome = outcomeOf(builds.map(({ job, result }) => ({ result, voting: voting(job) })));
  return {
    patchset,
    pipeline,
    comparison: compareOutcomes(outcome, theirs?.said.outcome),
    ours: {
      outcome,
      at: new Date(reportedAt).toISOString(),
      jobs: builds.map(({ job, logPath, reason, result }) => ({ job, result, reason, url: logsUrl + logPath })),
    },
    theirs: theirs && {
      outcome: theirs.said.outcome,
      at: new Date(theirs.at).toISOString(),
      pipeline: theirs.said.pipeline,
      jobs: theirs.said.jobs,
    },
  };
}
