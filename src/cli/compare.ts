import { createGerritReview } from '../adapters/gerrit/create-gerrit-review.ts';
import { parseDuration } from '../config/units.ts';
import type { Configuration, GerritConnection } from '../config/configuration.ts';
import { SidegateError } from '../domain/errors.ts';
import { patchsetName } from '../domain/patchset.ts';
import { oneLine } from '../domain/sanitize.ts';
import { compareResults } from '../flow/compare-results.ts';
import type { Compared } from '../flow/compare-results.ts';
import { gerritAccess } from '../neighbours.ts';
import { withState } from './open-state.ts';

export interface CompareOptions {
  readonly config: string;
  readonly account: string;
  readonly gerrit?: string;
  readonly pipeline?: string;
  readonly since: string;
  readonly limit: number;
  readonly all?: true;
  readonly json?: true;
}

/** `sidegate compare`: where another CI's results and ours differ. What it says on changes without a result of ours is not looked for. */
export async function compare(options: CompareOptions): Promise<void> {
  const age = parseDuration(options.since);
  if (age === undefined)
    throw new SidegateError(
      'options-invalid',
      `--since ${oneLine(options.since, 50)} is no duration such as 36h or 7d.`,
    );
  if (!Number.isInteger(options.limit) || options.limit < 1)
    throw new SidegateError('options-invalid', '--limit must be a number of results.');
  await withState(options.config, async ({ configuration, store }) => {
    const review = createGerritReview(gerritAccess(chooseGerrit(configuration, options.gerrit)));
    const flow = { store, settings: configuration.settings, logsUrl: `${configuration.web.publicUrl}/logs/` };
    const counts = { same: 0, differs: 0, unclear: 0, missing: 0 };
    const { account, limit, pipeline } = options;
    for await (const one of compareResults(flow, { review }, { account, limit, pipeline, since: Date.now() - age })) {
      counts[one.comparison] += 1;
      if (!options.all && one.comparison !== 'differs' && one.comparison !== 'unclear') continue;
      console.log(options.json ? JSON.stringify(one) : textOf(one));
    }
    const summary = `${counts.same} the same, ${counts.differs} different, ${counts.unclear} unclear, ${counts.missing} without a result of ${oneLine(account, 100)}.`;
    // With --json, standard output is JSON only.
    if (options.json) console.error(summary);
    else console.log(summary);
  });
}

function chooseGerrit({ gerrit }: Configuration, name: string | undefined): GerritConnection {
  const names = gerrit.map((one) => one.name).join(', ');
  const [only] = gerrit;
  const chosen =
    name === undefined ? (gerrit.length === 1 ? only : undefined) : gerrit.find((one) => one.name === name);
  if (!chosen) throw new SidegateError('not-found', `Name one of the Gerrit connections with --gerrit: ${names}.`);
  return chosen;
}

function textOf({ comparison, ours, patchset, pipeline, theirs }: Compared): string {
  const head = `${comparison.padEnd(7)}  ${patchsetName(patchset)} (${pipeline})  ours: ${ours.outcome}, theirs: ${theirs?.outcome ?? 'none'}  ${oneLine(patchset.subject, 100)}`;
  const own = ours.jobs.map(
    ({ job, reason, result, url }) => `  ours    ${job} ${result} ${url} ${oneLine(reason, 200)}`,
  );
  const other = (theirs?.jobs ?? []).map(({ job, result }) => `  theirs  ${job} ${result}`);
  return [head, ...own, ...other, `  ${patchset.url}`].join('\n');
}
