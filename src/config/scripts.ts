import type { JobPhase } from '../domain/settings.ts';
import type { Context } from './context.ts';
import { readTextFile, resolvePath } from './files.ts';
import { below } from './findings.ts';
import type { Place } from './findings.ts';
import type { SectionEntry } from './schema/root.ts';
import { shippedScript } from './shipped-scripts.ts';

/** Of a phase that always runs: nothing else ends it (ms). */
const alwaysTimeout = 10 * 60_000;

/** The phases of a job with their scripts read; a build runs what was there when sidegate started. */
export async function readPhases(
  job: Partial<SectionEntry<'jobs'>>,
  place: Place,
  context: Context,
): Promise<readonly JobPhase[]> {
  const phases: JobPhase[] = [];
  for (const [index, phase] of (job.phases ?? []).entries()) {
    const { always, attempts, name, run, script, timeout } = phase;
    const text =
      script === undefined ? run : await readScript(script, below(place, 'phases', index, 'script'), context);
    if (text === undefined) continue;
    phases.push({ name, script: text, attempts, always, timeout: timeout ?? (always ? alwaysTimeout : undefined) });
  }
  return phases;
}

/** What makes a host of the rack as new. */
export async function readReset(
  rack: Partial<SectionEntry<'racks'>>,
  place: Place,
  context: Context,
): Promise<string | undefined> {
  const { run, script } = rack.reset ?? {};
  return script === undefined ? run : readScript(script, below(place, 'reset', 'script'), context);
}

/** A shell script in a file of its own; undefined: the problem was noted. */
export async function readScript(path: string, place: Place, context: Context): Promise<string | undefined> {
  const read = await readTextFile(shippedScript(path) ?? resolvePath(context.folder, path));
  if (!read.ok) {
    context.findings.error(place, `${read.what}.`);
  } else if (read.text.trim() === '') {
    context.findings.error(place, `${path} is empty.`);
  } else if (read.text.includes('\r\n')) {
    context.findings.error(
      place,
      `${path} has Windows line ends.`,
      'A shell takes them for part of the commands: save it with LF.',
    );
  } else {
    return read.text;
  }
  return undefined;
}
