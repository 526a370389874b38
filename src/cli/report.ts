import { SidegateError } from '../domain/errors.ts';
import { patchsetName } from '../domain/patchset.ts';
import { oneLine } from '../domain/sanitize.ts';
import { decideReport } from '../flow/decide-report.ts';
import type { HeldReport, ReportDecision } from '../ports/report-store.ts';
import { withState } from './open-state.ts';
import { personAtTerminal } from './person-at-terminal.ts';

/** `sidegate report list`. */
export async function listReports(options: { config: string; json?: true }): Promise<void> {
  await withState(options.config, async ({ store }) => {
    const held = await store.heldReports();
    if (held.length === 0 && !options.json) console.log('No report waits for a person.');
    for (const report of held) console.log(options.json ? JSON.stringify(report) : textOf(report));
  });
}

/** `sidegate report confirm`, `downgrade` and `drop`. */
export async function decideReportByHand(
  start: string,
  decision: ReportDecision,
  options: { config: string; by?: string },
): Promise<void> {
  await withState(options.config, async ({ store }) => {
    const found = (await store.heldReports()).filter(({ buildset }) => buildset.startsWith(start));
    const [report] = found;
    if (report === undefined || found.length > 1 || start.length < minId)
      throw new SidegateError(
        'not-found',
        `No report ${oneLine(start, 50)} waits: \`sidegate report list\` names them.`,
      );
    await decideReport(store, { buildset: report.buildset, decision, by: options.by ?? personAtTerminal() });
    console.log(`${patchsetName(report.patchset)}, ${report.pipeline}: ${outcomes[decision]}`);
  });
}

const minId = 7;

const outcomes: Readonly<Record<ReportDecision, string>> = {
  confirm: 'is posted with its vote.',
  downgrade: 'is posted without the bad vote.',
  drop: 'is not posted.',
};

function textOf({ buildset, message, patchset, pipeline, since, vote }: HeldReport): string {
  const head = [
    buildset.slice(0, minId),
    `${vote?.label} ${vote?.value}`,
    `on ${patchsetName(patchset)} (${pipeline})`,
    `since ${new Date(since).toISOString().slice(0, 16).replace('T', ' ')} UTC:`,
    oneLine(patchset.subject, 100),
  ];
  const lines = message.split('\n').map((line) => `         ${oneLine(line, 300)}`);
  return [head.join('  '), ...lines].join('\n');
}
