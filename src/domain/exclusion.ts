/** Tests that a job leaves out, and until when. */
export interface Exclusion {
  /** Undefined: an entry without one. */
  readonly id: string | undefined;
  /** `2027-06-01`: the day (UTC) from which it is tested again; undefined: never. */
  readonly until: string | undefined;
  /** Python's, without blanks, searched in the ids of tests. */
  readonly regex: string;
  readonly reason: string;
}

const day = /^\d{4}-\d{2}-\d{2}$/;
const idForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** An entry whose day is so near is worth a warning (days). */
export const soon = 14;

/**
 * The lines of `TEMPEST_EXCLUDE`, as `tempest.sh` reads them: `[ID] DAY REGEX REASON`. `mistakes` are lines that it refuses, or that would
 * leave out something else.
 */
export function parseExclusions(text: string): {
  readonly exclusions: readonly Exclusion[];
  readonly mistakes: readonly string[];
} {
  const exclusions: Exclusion[] = [];
  const mistakes: string[] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const exclusion = parseLine(line);
    if (exclusion) exclusions.push(exclusion);
    else mistakes.push(line);
  }
  return { exclusions, mistakes };
}

function parseLine(line: string): Exclusion | undefined {
  const words = line.split(/[ \t]+/);
  const id = day.test(words[0] ?? '') ? undefined : words.shift();
  const [until = '', regex = '', ...reason] = words;
  // stestr takes what is behind `#` for a comment.
  if (!isDay(until) || regex === '' || regex.includes('#') || reason.length === 0) return undefined;
  if (id !== undefined && !idForm.test(id)) return undefined;
  return { id, until, regex, reason: reason.join(' ') };
}

/** Of the calendar, too. */
function isDay(text: string): boolean {
  if (!day.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && dayOf(time) === text;
}

/** `now` in milliseconds since 1970. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** True when it does not count any more at that time, or will not within some days. */
export function isOver({ until }: Exclusion, now: number, days = 0): boolean {
  return until !== undefined && until <= dayOf(now + days * 86_400_000);
}

/** For people and notices. */
export function exclusionName({ id, regex }: Exclusion): string {
  return id ?? regex;
}

/** As `tempest.sh` reads what presets leave out. */
export function presetLine({ id = '-', reason, regex, until = 'never' }: Exclusion): string {
  return [id, until, regex, reason].join(' ');
}
