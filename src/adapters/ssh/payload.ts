import { readFileSync } from 'node:fs';
import { carryConflictStatus, mergeConflictStatus } from '../../domain/verdict.ts';
import type { RemoteJob, RemotePhase } from '../../ports/remote-jobs.ts';

/** Ends what a job started. */
export const killJob = readScript('kill-job');
const runner = [killJob, readScript('heartbeat'), readScript('run-job')].join('\n');

/** What is down for a moment is up again (ms). */
const retryPause = 10_000;

/** The shell program that runs the job on the test server: its phases and its environment as files, `run-job.sh`, and what that shall do. */
export function jobPayload(job: RemoteJob): string {
  const environment = Object.entries(job.environment).map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  return [
    `timeout_seconds=${seconds(job.timeout)}`,
    `console_limit=${job.consoleLimit}`,
    // What no second try would change.
    `final_statuses='${mergeConflictStatus} ${carryConflictStatus}'`,
    `pause_seconds=${seconds(job.retryPause ?? retryPause)}`,
    writeFile('environment.sh', environment.join('\n')),
    ...job.phases.map((phase) => writeFile(`phase-${phase.name}.sh`, phase.script)),
    runner,
    ...calls(job.phases),
  ].join('\n');
}

function readScript(name: string): string {
  return readFileSync(new URL(`./${name}.sh`, import.meta.url), 'utf8');
}

/** The result is that of the phases in their order; then come those that always run. */
function calls(phases: readonly RemotePhase[]): readonly string[] {
  const inOrder = phases.filter(({ always }) => !always).map((phase) => call('run_phase', phase));
  const always = phases.filter((phase) => phase.always).map((phase) => call('run_always', phase));
  return [
    'read -r began _ </proc/uptime',
    'deadline=$((${began%.*} + timeout_seconds))',
    [...inOrder, ':'].join(' && '),
    'check_server',
    'job_kind=$kind job_status=$status',
    'export SIDEGATE_JOB_STATUS=$status',
    ...always,
    'finish "$job_kind" "$job_status"',
    '',
  ];
}

function call(word: string, { attempts = 1, name, timeout }: RemotePhase): string {
  return `${word} ${shellQuote(name)} ${timeout === undefined ? 0 : seconds(timeout)} ${attempts}`;
}

function seconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1000));
}

/** Quotes any text as one word of a POSIX shell. NUL cannot be passed to a program and is dropped. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", String.raw`'\''`)}'`;
}

/** In one statement: a script cannot end it early. */
function writeFile(name: string, content: string): string {
  return `printf '%s\\n' ${shellQuote(content)} >${shellQuote(name)}`;
}
