import { z } from 'zod';
import { escapePattern } from '../domain/signatures/escape-pattern.ts';
import { isTooLarge } from '../domain/signatures/pattern-program.ts';
import { parsePattern } from '../domain/signatures/pattern-syntax.ts';
import type { Pattern } from '../domain/signatures/signature.ts';
import type { BuildFilter } from '../ports/status.ts';

/** Builds that are looked through where the address names no number, and at most. */
export const usualBuilds = 50;
export const mostBuilds = 200;

const empty = z.literal('').transform(() => undefined);
const word = empty.or(z.string().max(200)).optional();
const day = empty
  .or(
    z.string().regex(/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?)?$/, 'must be a day such as 2026-11-27'),
  )
  .optional();

const searchSchema = z.object({
  text: empty.or(z.string().max(200)).optional(),
  regex: z.literal('1').optional(),
  test: empty.or(z.string().min(2).max(200)).optional(),
  logs: word,
  job: word,
  pipeline: word,
  project: word,
  branch: word,
  build: empty.or(z.string().regex(/^[0-9a-f]{7}[0-9a-f-]{0,29}$/, 'must be the id of a build')).optional(),
  from: day,
  before: day,
  builds: empty.or(z.coerce.number().int().min(1).max(mostBuilds)).optional(),
});

/** What the address says, as it says it. */
export type SearchFields = z.output<typeof searchSchema>;

export interface SearchQuery {
  readonly fields: SearchFields;
  /** Looked for in logs. */
  readonly pattern: Pattern | undefined;
  /** The text itself, where it is no expression. */
  readonly literal: string | undefined;
  readonly filter: BuildFilter;
}

export type ParsedSearch =
  | { readonly query: SearchQuery; readonly problem: undefined }
  | { readonly query: undefined; readonly fields: SearchFields; readonly problem: string };

/** Unknown parameters are left alone. */
export function parseSearch(asked: Record<string, string>): ParsedSearch {
  const parsed = searchSchema.safeParse(asked);
  if (!parsed.success) return { query: undefined, fields: {}, problem: parsed.error.issues.map(issueText).join('; ') };
  const fields = parsed.data;
  const filter = filterOf(fields);
  if (filter === undefined) return { query: undefined, fields, problem: 'There is no such day.' };
  const literal = fields.regex === '1' ? undefined : fields.text;
  const source = literal === undefined ? fields.text : escapePattern(literal);
  if (source === undefined) return { query: { fields, pattern: undefined, literal, filter }, problem: undefined };
  const pattern = parsePattern(source);
  if (!pattern.ok) return { query: undefined, fields, problem: `The expression ${pattern.what}.` };
  if (isTooLarge(pattern.node))
    return { query: undefined, fields, problem: 'The expression is too large: repeat less.' };
  return { query: { fields, pattern: { text: source, node: pattern.node }, literal, filter }, problem: undefined };
}

function filterOf({ before, branch, builds, from, job, pipeline, project }: SearchFields): BuildFilter | undefined {
  const times = { from: timeOf(from), before: timeOf(before) };
  if (times.from === '' || times.before === '') return undefined;
  const given = Object.entries({ branch, job, pipeline, project, ...times }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), limit: builds ?? usualBuilds };
}

/** ISO 8601; '' for a day that no calendar has. */
function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text.includes('T') ? `${text.replace('Z', '')}Z` : text);
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}

function issueText(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')}: ${issue.message}`;
}

/** The address of a search; what is undefined is left out. */
export function searchAddress(fields: SearchFields): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `/search?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}
