import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGerritReview } from '../adapters/gerrit/create-gerrit-review.ts';
import { createPool } from '../adapters/sql/connect.ts';
import { startEmbeddedPostgres } from '../adapters/sql/embedded/embedded-postgres.ts';
import { migrate, migrationsFolder } from '../adapters/sql/migrate.ts';
import { createSqlStore } from '../adapters/sql/sql-store.ts';
import type { Configuration } from '../config/configuration.ts';
import { loadConfiguration } from '../config/load.ts';
import { SidegateError } from '../domain/errors.ts';
import { isBranchEvent } from '../domain/event.ts';
import type { ReviewEvent } from '../domain/event.ts';
import { patchsetName } from '../domain/patchset.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { Settings } from '../domain/settings.ts';
import { testedName } from '../domain/tested-ref.ts';
import type { Flow } from '../flow/context.ts';
import { decideEvents } from '../flow/decide-events.ts';
import { journalEvents } from '../flow/journal-events.ts';
import { gerritAccess } from '../neighbours.ts';
import type { CodeReview } from '../ports/code-review.ts';
import { sleep } from '../shared/clock.ts';
import { createLogger } from '../shared/logger.ts';

export interface ReplayOptions {
  readonly config: string;
  readonly gerrit?: string;
  readonly json?: true;
  /** As fast as it was; else at full speed. */
  readonly realTime?: true;
}

interface Decided {
  readonly decision: string;
  readonly reason: string;
  readonly runs: readonly string[];
}

type Decide = (line: string) => Promise<(Decided & { readonly event?: ReviewEvent }) | undefined>;

/**
 * `sidegate replay FILE`: what a recorded stream would have started, with today's configuration and on an empty database of its own that
 * is thrown away. Nothing is asked of Gerrit, nothing is built.
 */
export async function replay(file: string, options: ReplayOptions): Promise<void> {
  const configuration = await loadConfiguration(options.config, process.env);
  const counts = new Map<string, number>();
  await withScratch(configuration, options.gerrit, async (decide) => {
    let last: number | undefined;
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const decided = await decide(line);
      if (!decided) continue;
      const at = decided.event?.createdAt;
      if (options.realTime && at !== undefined) await sleep(Math.max(0, at - (last ?? at)));
      last = at ?? last;
      counts.set(decided.decision, (counts.get(decided.decision) ?? 0) + 1);
      console.log(options.json ? JSON.stringify(jsonOf(decided)) : lineOf(decided));
    }
  }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new SidegateError('not-found', `${file} does not exist.`, { cause: error });
  });
  if (!options.json)
    console.log([...counts].map(([decision, count]) => `${count} ${decision}`).join(', ') || 'No events.');
}

async function withScratch(
  configuration: Configuration,
  gerrit: string | undefined,
  work: (decide: Decide) => Promise<void>,
): Promise<void> {
  const connection = configuration.gerrit.find(({ name }) => gerrit === undefined || name === gerrit);
  if (!connection) throw new SidegateError('not-found', `Gerrit connection ${gerrit} is not configured.`);
  const directory = await mkdtemp(join(tmpdir(), 'sidegate-replay-'));
  const postgres = await startEmbeddedPostgres({ directory, durable: false });
  const pool = createPool(postgres.url);
  try {
    await migrate(pool, migrationsFolder, createLogger('error'));
    const review = createGerritReview(gerritAccess(connection));
    const flow = {
      store: createSqlStore(pool),
      settings: withoutFileRules(configuration.settings),
      reviews: new Map([[connection.name, { review, username: connection.username }]]),
    } as unknown as Flow;
    await work((line) => decideLine(flow, review, line));
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Files are read from Gerrit, which nobody asks here: a patchset that touches only documentation is shown as started. */
function withoutFileRules(settings: Settings): Settings {
  return { ...settings, projects: settings.projects.map((project) => ({ ...project, fileRules: undefined })) };
}

async function decideLine(flow: Flow, review: CodeReview, line: string): ReturnType<Decide> {
  if (line.trim() === '') return undefined;
  const parsed = review.parseLine(line);
  if (parsed.kind === 'ignored') return { decision: 'ignored', reason: `${parsed.type}: ${parsed.reason}.`, runs: [] };
  if (parsed.kind === 'dropped')
    return { decision: 'dropped', reason: 'Gerrit lost events here: the gap would be filled by REST.', runs: [] };
  const { event, key } = parsed;
  const isNew = await journalEvents(flow, [{ connection: review.name, key, source: 'stream', event }]);
  if (isNew === 0) return { decision: 'ignored', reason: 'It was heard before.', runs: [], event };
  await decideEvents(flow);
  const decided = await flow.store.decisionOf(review.name, key);
  return { ...decided, event };
}

function nameOf(event: ReviewEvent | undefined): string {
  if (event === undefined) return '';
  if (isBranchEvent(event)) return testedName(event.tip);
  return 'patchset' in event ? patchsetName(event.patchset) : `${event.change.project} ${event.change.number}`;
}

function jsonOf({ event, ...decided }: Decided & { readonly event?: ReviewEvent }) {
  return { type: event?.type, change: nameOf(event), at: event?.createdAt, ...decided };
}

function lineOf({ decision, event, reason }: Decided & { readonly event?: ReviewEvent }): string {
  return [
    decision.padEnd(8),
    (event?.type ?? '').padEnd(18),
    oneLine(nameOf(event), 100).padEnd(30),
    oneLine(reason, 300),
  ]
    .join('  ')
    .trimEnd();
}
