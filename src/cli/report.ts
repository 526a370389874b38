import { SidegateError } from '../domain/errors.ts';
import { patchsetName } from '../domain/patchset.ts';
import { oneLine } from '../domain/sanitize.ts';
import { decideReport } from '../flow/decide-report.ts';
import { resumeReports } from '../flow/resume-reports.ts';
import { stopReports } from '../flow/stop-reports.ts';
import type { Waiting } from '../flow/resume-reports.ts';
import type { HeldReport, HoldReason, ReportDecision, StoppedJob } from '../ports/report-store.ts';
import { withState } from './open-state.ts';
import { personAtTerminal } from './person-at-terminal.ts';

/** `sidegate report list`. */
export async function listReports(options: { config: string; json?: true }): Promise<void> {
  await withState(options.config, async ({ store }) => {
    const [stopped, held] = [await store.stoppedJobs(), await store.heldReports()];
    if (held.length === 0 && stopped.length === 0 && !options.json) console.log('No report waits for a person.');
    for (const job of stopped) console.log(options.json ? JSON.stringify(job) : stoppedText(job));
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

/** `sidegate report stop JOB`. */
export async function stopReportsByHand(
  job: string,
  { config, reason, by }: { config: string; reason?: string; by?: string },
): Promise<void> {
  await withState(config, async ({ configuration, store }) => {
    if (!configuration.settings.jobs.some(({ name }) => name === job))
      throw new SidegateError('not-found', `No job is called ${oneLine(job, 100)}.`);
    await stopReports(store, { job, reason: oneLine(reason ?? '', 500), by: by ?? personAtTerminal() });
    console.log(`Failures of ${job} are not reported until \`sidegate report resume ${job}\`.`);
  });
}

/** `sidegate report resume JOB`. */
export async function resumeReportsByHand(
  job: string,
  { config, post, drop, by }: { config: string; post?: true; drop?: true; by?: string },
): Promise<void> {
  if (post && drop) throw new SidegateError('options-invalid', '--post and --drop exclude each other.');
  const waiting = post ? 'post' : drop ? 'drop' : 'rerun';
  await withState(config, async ({ store }) => {
    const count = await resumeReports(store, { job, by: by ?? personAtTerminal(), waiting });
    console.log(`Failures of ${job} are reported again. Reports that waited: ${count}${fates[waiting]}.`);
  });
}

const fates: Readonly<Record<Waiting, string>> = {
  rerun: ', whose changes are tested again',
  post: ', which are posted',
  drop: ', which are not posted',
};

const minId = 7;

const outcomes: Readonly<Record<ReportDecision, string>> = {
  confirm: 'is posted with its vote.',
  downgrade: 'is posted without the bad vote.',
  drop: 'is not posted.',
};

const holdReasons: Readonly<Record<HoldReason, string>> = {
  vote: 'a bad vote',
  unreadable: 'the summary tab would not show it',
  stopped: 'failures of the job are not reported now',
};

function stoppedText({ by, job, reason, since, waiting }: StoppedJob): string {
  const head = `Failures of ${job} are not reported since ${minuteOf(since)}, ${by === undefined ? 'by the storm brake' : `by ${oneLine(by, 100)}`}; ${waiting} wait.`;
  return `${head}\n         ${oneLine(reason, 500)}\n         \`sidegate report resume ${job}\` tests them again; with --post or --drop it does that instead.`;
}

function textOf({ buildset, heldFor, message, patchset, pipeline, since, vote }: HeldReport): string {
  const head = [
    buildset.slice(0, minId),
    vote === undefined ? 'no vote' : `${vote.label} ${vote.value}`,
    `on ${patchsetName(patchset)} (${pipeline})`,
    `since ${minuteOf(since)}, ${holdReasons[heldFor]}:`,
    oneLine(patchset.subject, 100),
  ];
  const lines = message.split('\n').map((line) => `         ${oneLine(line, 300)}`);
  return [head.join('  '), ...lines].join('\n');
}

function minuteOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
