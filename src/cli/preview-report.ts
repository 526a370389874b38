import { SidegateError } from '../domain/errors.ts';
import { patchsetName } from '../domain/patchset.ts';
import { oneLine } from '../domain/sanitize.ts';
import { isPatchset, testedName } from '../domain/tested-ref.ts';
import { composeReport } from '../flow/compose-report.ts';
import type { ComposedReport } from '../flow/compose-report.ts';
import { withState } from './open-state.ts';

/** `sidegate report preview BUILDSET`: what today's configuration makes of the results. The comment goes to standard output, the rest beside it. */
export async function previewReport(start: string, options: { config: string }): Promise<void> {
  await withState(options.config, async ({ configuration, store }) => {
    const found = await store.findBuildset(start);
    if (!found)
      throw new SidegateError(
        'not-found',
        `${oneLine(start, 50)}: give the id of a buildset or of a build, or at least seven digits that only one begins with.`,
      );
    const { tested } = found;
    if (!isPatchset(tested))
      throw new SidegateError('not-found', `${testedName(tested)} is no patchset: nothing is posted about it.`);
    const logsUrl = `${configuration.web.publicUrl}/logs/`;
    const report = composeReport({ settings: configuration.settings, logsUrl }, { ...found, patchset: tested });
    const about = [
      `${patchsetName(tested)} in ${found.pipeline}, buildset ${found.id}`,
      ...(found.unfinished.length > 0 ? [`not done yet: ${found.unfinished.join(', ')}`] : []),
      `state: ${found.report?.state ?? 'nothing is written down yet'}`,
      ...(found.report && found.report.message !== report.message ? ['it was written down otherwise'] : []),
      `tag: ${report.tag}`,
      `vote: ${voteText(report)}`,
      `linter: ${lintText(report)}`,
    ];
    for (const line of about) console.error(oneLine(line, 1000));
    console.error('');
    console.log(report.message);
  });
}

function voteText({ isSilent, mustWait, vote }: ComposedReport): string {
  const value = vote === undefined ? 'none' : `${vote.label} ${vote.value > 0 ? '+' : ''}${vote.value}`;
  if (isSilent) return `${value}; the pipeline is silent: nothing is posted`;
  return mustWait ? `${value}, when a person says so` : value;
}

function lintText({ flaws, form }: ComposedReport): string {
  if (form === 'full') return 'good';
  return `${flaws.join('; ')}. ${form === 'reduced' ? 'Posted without details' : 'Held for a person'}`;
}
