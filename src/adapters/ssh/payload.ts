import { readFileSync } from 'node:fs';
import type { RemoteJob } from '../../ports/remote-jobs.ts';

const runner = readFileSync(new URL('./run-job.sh', import.meta.url), 'utf8');

/** The shell program that runs the job on the test server: its phases as files, its environment, then `run-job.sh`. */
export function jobPayload(job: RemoteJob): string {
  const environment = Object.entries(job.environment).map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  return [
    // First, so that no variable of the operator's replaces one of the runner's.
    ...environment,
    `timeout_seconds=${Math.max(1, Math.ceil(job.timeout / 1000))}`,
    `console_limit=${job.consoleLimit}`,
    `run_phases=${shellQuote(job.phases.map((phase) => phase.name).join(' '))}`,
    ...job.phases.map((phase) => writeFile(`phase-${phase.name}.sh`, phase.script)),
    runner,
  ].join('\n');
}

/** Quotes any text as one word of a POSIX shell. NUL cannot be passed to a program and is dropped. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", String.raw`'\''`)}'`;
}

/** In one statement: a script cannot end it early. */
function writeFile(name: string, content: string): string {
  return `printf '%s\\n' ${shellQuote(content)} >${shellQuote(name)}`;
}
