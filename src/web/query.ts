import { z } from 'zod';
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
