import { globMatches } from '../domain/glob.ts';
import { SignatureMatcher } from '../domain/signatures/match-log.ts';
import type { LogLine } from '../domain/signatures/signature.ts';
import type { LogArchive } from '../ports/log-archive.ts';
import type { BuildRow } from '../ports/status.ts';
import { logParts } from '../shared/log-parts.ts';
import { isTextName } from './log-types.ts';
import type { SearchQuery } from './search-query.ts';

/** Of one log. */
const linesOfLog = 3;
/** Logs in which a text is shown, of one build. */
const logsOfBuild = 8;
/** Looked at of one log, unpacked, and of one build. */
const maxLog = 256 * 1024 * 1024;
const maxBuild = 2 * 1024 * 1024 * 1024;
const maxFiles = 1000;
/** Bytes alone are looked for so fast that opening a file costs more. */
const bytesAtOnce = 1024 * 1024;

/** A log in which the text stands. */
export interface FoundLog {
  /** Below the build's log folder. */
  readonly name: string;
  /** The first ones. */
  readonly lines: readonly LogLine[];
}

export interface LookedThrough {
  readonly logs: readonly FoundLog[];
  /** False: there was too much to look at, or more logs hold it than are shown. */
  readonly whole: boolean;
}

/** Called with the bytes of each part that was looked at; waits, so that others have their turn. False: it shall stop. */
export type Took = (bytes: number) => Promise<boolean>;

/** Looks for a text in the published logs of one build; undefined: it was stopped. */
export async function searchBuild(
  archive: LogArchive,
  query: SearchQuery,
  { logPath }: Pick<BuildRow, 'logPath'>,
  took: Took,
): Promise<LookedThrough | undefined> {
  const { fields } = query;
  const search = createLogSearch(archive, query);
  const found: FoundLog[] = [];
  let left = maxBuild;
  let goesOn = true;
  const files = (await archive.list(logPath)).map(({ path }) => path.slice(logPath.length));
  const wanted = files.filter((name) => isTextName(name) && isWanted(name, fields.logs));
  for (const name of wanted.slice(0, maxFiles)) {
    if (found.length === logsOfBuild || left <= 0) return { logs: found, whole: false };
    const lines = await search(logPath + name, async (bytes) => {
      left -= bytes;
      return (goesOn = await took(bytes));
    });
    if (!goesOn) return undefined;
    if (lines.length > 0) found.push({ name, lines });
  }
  return { logs: found, whole: wanted.length <= maxFiles };
}

function isWanted(name: string, pattern: string | undefined): boolean {
  return pattern === undefined || globMatches(pattern.includes('*') ? pattern : `*${pattern}*`, name);
}

function createLogSearch(archive: LogArchive, { literal, pattern }: SearchQuery) {
  const signature = { id: 'search', title: '', cause: 'patch', logs: ['*'], all: [], tests: undefined } as const;
  const any = pattern === undefined ? [] : [pattern];
  const matcher = new SignatureMatcher([{ ...signature, any, bug: undefined, retry: undefined }]);
  const bytes = literal === undefined ? undefined : Buffer.from(literal);
  return async (path: string, took: Took): Promise<readonly LogLine[]> => {
    if (bytes !== undefined && !(await holds(archive, path, { bytes, took }))) return [];
    return await linesIn(archive, path, matcher, took);
  };
}

/** Most logs do not hold the text: that is told ten times as fast as in which line it stands. */
async function holds(
  archive: LogArchive,
  path: string,
  { bytes, took }: { readonly bytes: Buffer; readonly took: Took },
): Promise<boolean> {
  let looked = 0;
  let rest = Buffer.alloc(0);
  for await (const part of logParts(archive, path, bytesAtOnce)) {
    if (part.includes(bytes)) return true;
    const border = Buffer.concat([rest, part.subarray(0, bytes.length - 1)]);
    if (border.includes(bytes)) return true;
    const end = part.length >= bytes.length ? part : Buffer.concat([rest, part]);
    rest = Buffer.from(end.subarray(Math.max(0, end.length - bytes.length + 1)));
    looked += part.length;
    if (looked > maxLog || !(await took(part.length))) return false;
  }
  return false;
}

async function linesIn(
  archive: LogArchive,
  path: string,
  matcher: SignatureMatcher,
  took: Took,
): Promise<readonly LogLine[]> {
  const log = matcher.open(path)!;
  let looked = 0;
  for await (const part of logParts(archive, path)) {
    log.push(part);
    looked += part.length;
    const isEnough = log.found > 0 && (log.hits()[0]?.lines.length ?? 0) >= linesOfLog;
    if (isEnough || looked > maxLog || !(await took(part.length))) break;
  }
  return log.end()[0]?.lines ?? [];
}
