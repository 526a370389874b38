import { z } from 'zod';

const plain = /^[^\p{Cc}]*$/u;
const empty = z
  .string()
  .trim()
  .length(0)
  .transform(() => undefined);
const name = empty.or(z.string().trim().max(300).regex(plain)).optional();

/** What the form sends; whether it makes sense is for `requestHold` to say. */
export const holdFieldsSchema = z.object({
  build: empty.or(z.string().trim().max(60).regex(plain)).optional(),
  project: name,
  change: empty.or(z.coerce.number().int().positive()).optional(),
  job: name,
  reason: z.string().max(2000),
  key: z.string().max(16_000),
  /** Minutes. */
  ttl: z.coerce.number().int().positive(),
});

export type HoldFields = z.output<typeof holdFieldsSchema>;
/** What a link to the form names. */
export type HoldPrefill = { readonly [Name in keyof HoldFields]?: HoldFields[Name] | undefined };

const hour = 60;
const usual = [1, 2, 4, 8, 24, 48, 72, 168].map((hours) => hours * hour);

/** Minutes a server may be held, to choose from. */
export function ttlMinutes(maxTtl: number): readonly number[] {
  const longest = Math.max(1, Math.floor(maxTtl / 60_000));
  return [...usual.filter((minutes) => minutes < longest), longest];
}
