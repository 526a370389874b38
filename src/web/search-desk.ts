import { errorText } from '../domain/errors.ts';
import type { LogArchive } from '../ports/log-archive.ts';
import type { BuildRow, FoundTest, StatusRead } from '../ports/status.ts';
import type { Logger } from '../shared/logger.ts';
import { WorkPace } from '../shared/work-pace.ts';
import { searchBuild } from './search-logs.ts';
import type { FoundLog } from './search-logs.ts';
import type { SearchQuery } from './search-query.ts';

/** How much searches may take of a process that has other work. */
export interface SearchLimits {
  /** Searches that run at the same time. */
  readonly running: number;
  /** Searches that wait for their turn; the next one is refused. */
  readonly waiting: number;
  /** How long one may run (ms). */
  readonly time: number;
  /** Nobody asked for its result for so long: it ends, or is forgotten (ms). */
  readonly patience: number;
  /** Work at a stretch, and the rest after it (ms): together they bound the share of the processor. */
  readonly work: number;
  readonly rest: number;
}

const usualLimits: SearchLimits = {
  running: 2,
  waiting: 8,
  time: 180_000,
  patience: 30_000,
  work: 20,
  rest: 10,
};

/** Builds whose lines are shown; more are only counted. */
const shownBuilds = 100;
const remembered = 10;
/** Builds of one buildset were queued in the same moment: a page ends behind them. */
const mostTies = 50;

export type BuildGroup = 'failed' | 'passed' | 'other';

export interface FoundBuild {
  readonly build: BuildRow;
  readonly logs: readonly FoundLog[];
  /** False: there is more. */
  readonly whole: boolean;
}

/** `waiting`: others are looked for. `stopped`: it took too long; `error`: it could not go on. */
export type SearchState = 'waiting' | 'running' | 'done' | 'stopped' | 'error';

/** What is known of a search by now. */
export interface SearchProgress {
  readonly state: SearchState;
  /** Builds that fit, and those that were looked through. */
  readonly builds: number;
  readonly looked: Readonly<Record<BuildGroup, number>>;
  /** Of these, those that hold the text. */
  readonly holding: Readonly<Record<BuildGroup, number>>;
  readonly bytes: number;
  /** Newest first. */
  readonly found: readonly FoundBuild[];
  /** Queued before this time are those that are left; undefined: none is. */
  readonly rest: string | undefined;
  /** Undefined: no test is looked for, or not yet. */
  readonly tests: readonly FoundTest[] | undefined;
}

export interface RunningSearch {
  progress(): SearchProgress;
  /** Resolves when it is over. */
  readonly over: Promise<void>;
}

export interface SearchDesk {
  /** Begins a search, or goes on with one that somebody asked for; undefined: too many wait. */
  ask(query: SearchQuery): RunningSearch | undefined;
}

export interface SearchSources {
  readonly status: StatusRead;
  readonly archive: LogArchive;
  readonly log?: Logger;
}

/** Lets few searches, in logs and of tests, run at the same time. A search is known by its words, so whoever asks for the same one shares it. */
export function createSearchDesk(sources: SearchSources, limits: SearchLimits = usualLimits): SearchDesk {
  const searches = new Map<string, Search>();
  const pace = new WorkPace(limits);
  const next = () => {
    tidy();
    const running = [...searches.values()].filter(({ state }) => state === 'running').length;
    const waiting = [...searches.values()].filter(({ state }) => state === 'waiting');
    for (const search of waiting.slice(0, limits.running - running)) void search.run().finally(next);
  };
  const tidy = () => {
    for (const [key, search] of searches) if (search.isForgotten()) searches.delete(key);
    const over = [...searches].filter(([, { state }]) => state !== 'running' && state !== 'waiting');
    for (const [key] of over.slice(0, Math.max(0, over.length - remembered))) searches.delete(key);
  };
  return {
    ask: (query) => {
      tidy();
      const key = JSON.stringify(query.fields);
      const known = searches.get(key);
      const waiting = [...searches.values()].filter(({ state }) => state === 'waiting').length;
      if (known === undefined && waiting >= limits.waiting) return undefined;
      const search = known ?? new Search(sources, query, { ...limits, pace });
      searches.set(key, search);
      search.asked = performance.now();
      next();
      return search;
    },
  };
}

class Search implements RunningSearch {
  state: SearchState = 'waiting';
  asked = performance.now();
  readonly over: Promise<void>;
  readonly #sources: SearchSources;
  readonly #query: SearchQuery;
  readonly #limits: SearchLimits & { readonly pace: WorkPace };
  readonly #looked = { failed: 0, passed: 0, other: 0 };
  readonly #holding = { failed: 0, passed: 0, other: 0 };
  readonly #found: FoundBuild[] = [];
  #builds = 0;
  #bytes = 0;
  #rest: string | undefined;
  #tests: readonly FoundTest[] | undefined;
  #end = () => {};
  #until = Infinity;

  constructor(sources: SearchSources, query: SearchQuery, limits: SearchLimits & { readonly pace: WorkPace }) {
    this.#sources = sources;
    this.#query = query;
    this.#limits = limits;
    this.over = new Promise((resolve) => (this.#end = resolve));
  }

  progress(): SearchProgress {
    return {
      state: this.state,
      builds: this.#builds,
      looked: { ...this.#looked },
      holding: { ...this.#holding },
      bytes: this.#bytes,
      found: this.#found,
      rest: this.#rest,
      tests: this.#tests,
    };
  }

  /** One that runs ends by itself first. */
  isForgotten(): boolean {
    return this.state !== 'running' && !this.#isWanted();
  }

  async run(): Promise<void> {
    this.state = 'running';
    this.#until = performance.now() + this.#limits.time;
    try {
      await this.#findTests();
      this.state = (await this.#lookThrough(await this.#candidates())) ? 'done' : 'stopped';
    } catch (error) {
      this.state = 'error';
      this.#sources.log?.error({ err: errorText(error) }, 'a search of logs ended');
    } finally {
      this.#end();
    }
  }

  #isWanted(): boolean {
    return performance.now() - this.asked < this.#limits.patience;
  }

  async #findTests(): Promise<void> {
    const { fields, filter } = this.#query;
    if (fields.test !== undefined) this.#tests = await this.#sources.status.findTests(fields.test, filter);
  }

  async #candidates(): Promise<readonly BuildRow[]> {
    const { fields, filter, pattern } = this.#query;
    if (pattern === undefined) return [];
    const { status } = this.#sources;
    if (fields.build !== undefined) {
      const build = await status.build(fields.build);
      return build === undefined || build.logsExpired !== undefined ? [] : [build];
    }
    const wanted = { ...filter, limit: filter.limit + mostTies, state: 'done', logged: true } as const;
    const rows = await status.builds(wanted);
    const last = rows[filter.limit - 1]?.queuedAt;
    const builds = rows.filter(({ queuedAt }, index) => index < filter.limit || queuedAt === last);
    if (builds.length < rows.length) this.#rest = last;
    return builds;
  }

  /** False: it was stopped. */
  async #lookThrough(builds: readonly BuildRow[]): Promise<boolean> {
    this.#builds = builds.length;
    for (const [index, build] of builds.entries()) {
      if (await this.#lookAt(build)) continue;
      this.#rest = builds.slice(0, index).findLast(({ queuedAt }) => queuedAt !== build.queuedAt)?.queuedAt;
      return false;
    }
    return true;
  }

  async #lookAt(build: BuildRow): Promise<boolean> {
    const looked = await searchBuild(this.#sources.archive, this.#query, build, (bytes) => this.#took(bytes));
    if (looked === undefined) return false;
    const group = groupOf(build);
    this.#looked[group] += 1;
    if (looked.logs.length === 0) return true;
    this.#holding[group] += 1;
    if (this.#found.length < shownBuilds) this.#found.push({ build, ...looked });
    return true;
  }

  async #took(bytes: number): Promise<boolean> {
    this.#bytes += bytes;
    await this.#limits.pace.turn();
    return performance.now() < this.#until && this.#isWanted();
  }
}

/** Builds that were cancelled or could not be merged say nothing of a text. */
function groupOf({ result }: Pick<BuildRow, 'result'>): BuildGroup {
  switch (result) {
    case 'SUCCESS':
      return 'passed';
    case 'FAILURE':
    case 'ERROR':
    case 'TIMED_OUT':
    case 'NODE_FAILURE':
      return 'failed';
    case 'ABORTED':
    case 'MERGE_CONFLICT':
    case undefined:
      return 'other';
  }
}
