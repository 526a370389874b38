import { z } from 'zod';

/** Only what sidegate needs of Feilong's answers; the rest is ignored. */

export const envelopeSchema = z.object({
  overallRC: z.number(),
  rc: z.number().optional(),
  rs: z.number().optional(),
  errmsg: z.string().default(''),
  output: z.unknown(),
});

export const guestsSchema = z.array(z.string().min(1).max(8));

export const switchesSchema = z.array(z.string().min(1).max(8));

export const versionSchema = z.object({ version: z.string().max(50) });

export const hostSchema = z.object({
  zvm_host: z.string().max(50),
  hypervisor_version: z.number(),
  memory_mb: z.number(),
  memory_mb_used: z.number(),
  // Absent where Feilong has no disk pool configured.
  disk_available: z.number().optional(),
});

export const smapiSchema = z.object({ healthy: z.boolean(), continuousFail: z.number().default(0) });

/** Of `/smapi-healthy`: without an envelope, and misspelt. */
export const bareSmapiSchema = z
  .object({ SMAPI: z.object({ healthy: z.boolean(), continueousFail: z.number().default(0) }) })
  .transform(({ SMAPI: { healthy, continueousFail } }) => ({ healthy, continuousFail: continueousFail }));
