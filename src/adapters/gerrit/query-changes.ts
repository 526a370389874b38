import { z } from 'zod';
import { SidegateError, errorCode } from '../../domain/errors.ts';
import { anyGlobMatches } from '../../domain/glob.ts';
import type { Logger } from '../../shared/logger.ts';
import { changeInfo } from './change-schema.ts';
import type { ChangeInfo } from './change-schema.ts';
import { changesQuery, projectsPerQuery } from './project-query.ts';
import type { GerritRest } from './rest.ts';

/** Rows asked for at once; the next one is tried where an answer of the former is too large to be read. */
const pageSizes = [100, 10, 1];
const mostPages = 1000;
/** Rows read twice: a change that vanishes between two pages (deleted, made private) moves the others up. */
const overlap = 3;

const moreChanges = z.object({ _more_changes: z.boolean().optional() });
const page = z.array(z.unknown());

/** Every change of these projects updated at or after `since`, with current revision and messages; closed ones too. */
export async function changesSince(
  rest: GerritRest,
  scope: { readonly projects: readonly string[]; readonly since: number },
  logger: Logger | undefined,
): Promise<ChangeInfo[]> {
  const found = new Map<number, ChangeInfo>();
  for (let from = 0; from < scope.projects.length; from += projectsPerQuery) {
    const projects = scope.projects.slice(from, from + projectsPerQuery);
    const query = changesQuery(projects, scope.since);
    for await (const row of rowsOf(rest, query, logger)) {
      const change = changeInfo.safeParse(row);
      if (!change.success) {
        logger?.warn(
          { path: change.error.issues[0]?.path.join('.') },
          'a malformed change in the answer to a query was left out',
        );
        continue;
      }
      if (anyGlobMatches(projects, change.data.project)) found.set(change.data._number, change.data);
    }
  }
  return [...found.values()];
}

/**
 * Rows newest first. Closed changes are not excluded by the query: a change that closes would leave the result while it is being
 * paged through. As it is, an update only moves a change to the front.
 */
async function* rowsOf(rest: GerritRest, query: string, logger: Logger | undefined): AsyncGenerator<unknown> {
  let start = 0;
  for (let pages = 0; pages < mostPages; pages++) {
    const rows = await readPage(rest, query, start);
    if (rows === 'too-large') {
      logger?.error({ start }, 'a change is too large to be read and was left out');
      start++;
      continue;
    }
    yield* rows;
    if (!moreChanges.safeParse(rows.at(-1)).data?._more_changes) return;
    start += Math.max(1, rows.length - overlap);
  }
  throw new SidegateError('input-too-large', `More than ${mostPages} pages of changes.`);
}

async function readPage(rest: GerritRest, query: string, start: number): Promise<unknown[] | 'too-large'> {
  for (const size of pageSizes) {
    const options = 'o=CURRENT_REVISION&o=MESSAGES&o=DETAILED_ACCOUNTS';
    try {
      return await rest.get(`/changes/?q=${encodeURIComponent(query)}&${options}&n=${size}&S=${start}`, page);
    } catch (error) {
      if (errorCode(error) !== 'input-too-large') throw error;
    }
  }
  return 'too-large';
}
