/** From then on the console had more bytes than before, up to so many. */
export interface ConsoleTime {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
}

/** Moments that are kept: then every other one goes, and times are coarser. */
const mostMoments = 10_000;
const longestLine = 60;

interface Moment {
  readonly uptime: number;
  readonly bytes: number;
  /** Milliseconds from the start of the server to 1970, by its clock then; undefined: it had not been looked at. */
  readonly start: number | undefined;
}

/**
 * When the console of a job was how long, from what its test server says of it. Bounded, whatever the server says. Times follow the clock of
 * the day of the server, as its logs do; the order does not.
 */
export class ConsoleTimes {
  #moments: Moment[] = [];
  /** The newest one, whether it is kept or not. */
  #latest: Moment | undefined;
  /** Each so many-th is kept. */
  #every = 1;
  #count = 0;
  #start: number | undefined;
  #firstStart: number | undefined;

  /** `clock`: seconds since 1970. */
  setClock(uptime: number, clock: number): void {
    this.#start = (clock - uptime) * 1000;
    this.#firstStart ??= this.#start;
  }

  /** The console has grown to so many bytes. */
  add(uptime: number, bytes: number): void {
    const latest = this.#latest;
    if (latest && (bytes <= latest.bytes || uptime < latest.uptime)) return;
    this.#latest = { uptime, bytes, start: this.#start };
    this.#count += 1;
    if (this.#count % this.#every === 0) this.#moments.push(this.#latest);
    if (this.#moments.length < mostMoments) return;
    this.#every *= 2;
    this.#moments = this.#moments.filter((_, index) => index % 2 === 1);
  }

  /** `otherwise`: what the clock of the day says now (ms); taken for the last moment where the server never told its own. */
  times(otherwise: number): readonly ConsoleTime[] {
    const last = this.#latest;
    if (!last) return [];
    const known = this.#firstStart ?? otherwise - last.uptime * 1000;
    return [...this.#moments.filter((moment) => moment !== last), last]
      .map(({ bytes, start, uptime }) => ({ bytes, at: Math.round((start ?? known) + uptime * 1000) }))
      .filter(({ at }) => Math.abs(at) < 8.64e15);
  }
}

/** One line each: bytes and time. */
export function printTimes(times: readonly ConsoleTime[]): string {
  return times.map(({ at, bytes }) => `${bytes} ${new Date(at).toISOString()}\n`).join('');
}

/** What is no time is left out. */
export function parseTimes(text: string): readonly ConsoleTime[] {
  const times: ConsoleTime[] = [];
  for (const line of text.split('\n').slice(0, mostMoments)) {
    const [bytes = '', time = ''] = line.slice(0, longestLine).split(' ');
    const at = Date.parse(time);
    if (/^\d{1,15}$/.test(bytes) && !Number.isNaN(at) && Number(bytes) > (times.at(-1)?.bytes ?? -1))
      times.push({ at, bytes: Number(bytes) });
  }
  return times;
}

/** When the byte was written, to within the time between two moments; undefined: that is not known. */
export function timeOfByte(times: readonly ConsoleTime[], byte: number): number | undefined {
  let [from, to] = [0, times.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((times[middle]?.bytes ?? 0) > byte) to = middle;
    else from = middle + 1;
  }
  return times[from]?.at;
}

/** The first byte that was written at this time or later; undefined: none was. */
export function byteAtTime(times: readonly ConsoleTime[], time: number): number | undefined {
  const found = times.findIndex(({ at }) => at >= time);
  return found < 0 ? undefined : (times[found - 1]?.bytes ?? 0);
}
