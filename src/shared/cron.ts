import { Cron } from 'croner';

/** Undefined: the text is a time (five fields, as of cron). */
export function cronMistake(times: string): string | undefined {
  try {
    const next = parse(times).nextRun();
    return next ? undefined : 'never comes';
  } catch {
    return 'must be minute, hour, day of month, month, day of week, as of cron: `0 2 * * *` is two o’clock UTC every day';
  }
}

/** The last time at or before `now` (ms since 1970, UTC); undefined: none. */
export function lastTime(times: string, now: number): number | undefined {
  // What is asked for is before the given time.
  const [last] = parse(times).previousRuns(1, new Date(now + 1000));
  return last?.getTime();
}

function parse(times: string): Cron {
  return new Cron(times, { timezone: 'UTC', mode: '5-part', paused: true });
}
