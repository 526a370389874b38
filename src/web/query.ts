import { z } from 'zod';
import { severities } from './log-lines.ts';
import type { Severity } from './log-lines.ts';
import type { BuildFilter } from '../ports/status.ts';

export const results = [
  'SUCCESS',
  'FAILURE',
  'ERROR',
  'TIMED_OUT',
  'NODE_FAILURE',
  'MERGE_CONFLICT',
  'ABORTED',
] as const;
export const states = ['queued', 'running', 'done'] as const;

const empty = z.literal('').transform(() => undefined);

const filterSchema = z.object({
  change: empty
    .or(
      z.coerce
        .number()
        .int()
        .positive()
        .max(2 ** 31 - 1),
    )
    .optional(),
  project: empty.or(z.string().max(200)).optional(),
  job: empty.or(z.string().max(200)).optional(),
  state: empty.or(z.enum(states)).optional(),
  result: empty.or(z.enum(results)).optional(),
  limit: empty.or(z.coerce.number().int().min(1).max(500)).optional(),
});

export type FilterQuery =
  | { readonly filter: BuildFilter; readonly problem: undefined }
  | { readonly filter: undefined; readonly problem: string };

/** Unknown parameters are left alone: links from mails carry some. */
export function parseFilter(query: Record<string, string>): FilterQuery {
  const parsed = filterSchema.safeParse(query);
  if (!parsed.success) return { filter: undefined, problem: parsed.error.issues.map(issueText).join('; ') };
  const { limit = 50, ...asked } = parsed.data;
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  return { filter: { ...Object.fromEntries(given), limit }, problem: undefined };
}

/** A UUID or its first part. */
export function parseBuildId(id: string): string | undefined {
  return /^[0-9a-f]{7}[0-9a-f-]{0,29}$/.test(id) ? id : undefined;
}

const longestTestId = 4000;

export function parseTestId(id: string | undefined): string | undefined {
  return id === undefined || id === '' || id.length > longestTestId ? undefined : id;
}

export function parseOffset(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function issueText(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')}: ${issue.message}`;
}

const time = empty.or(z.string().regex(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]{0,10}Z?$/)).optional();

const logViewSchema = z.object({
  line: empty.or(z.coerce.number().int().min(1).max(999_999_999_999)).optional(),
  level: empty.or(z.enum(severities)).optional(),
  find: empty.or(z.string().max(200)).optional(),
  time,
  from: time,
  until: time,
  end: z.literal('1').optional(),
});

/** Which part of a log is wanted. */
export interface LogViewQuery {
  /** From 1. */
  readonly line: number;
  readonly level: Severity | undefined;
  readonly find: string | undefined;
  /** The first line from this time on (ms since 1970). */
  readonly time: number | undefined;
  /** Lines of this time are marked. */
  readonly marked: TimeSpan | undefined;
  readonly end: boolean;
}

/** Both ends belong to it (ms since 1970). */
export interface TimeSpan {
  readonly from: number;
  readonly until: number;
}

/** undefined: not understood. */
export function parseLogView(query: Record<string, string>): LogViewQuery | undefined {
  const { data } = logViewSchema.safeParse(query);
  if (data === undefined) return undefined;
  const [at, from, until] = [data.time, data.from ?? data.time, data.until].map(utcTime);
  if ([at, from, until].some(Number.isNaN)) return undefined;
  const marked = from === undefined || until === undefined ? undefined : { from, until };
  return { line: data.line ?? 1, level: data.level, find: data.find, time: at, marked, end: data.end === '1' };
}

function utcTime(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(`${text.replace(' ', 'T').replace('Z', '')}Z`);
}
