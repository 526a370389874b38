import { z } from 'zod';
import { patternProblem } from '../../domain/scrub/pattern.ts';
import { parseNetwork } from '../../domain/scrub/networks.ts';
import type { Network } from '../../domain/scrub/networks.ts';
import { shippedRules } from '../../domain/scrub/shipped-rules.ts';
import { duration, name, path } from './scalars.ts';
import { uploadSchema } from './upload.ts';

const shippedNames = shippedRules.map((rule) => rule.name) as [string, ...string[]];

const scrubRuleSchema = z
  .strictObject({
    name: name('what the report counts it by'),
    strings: z.array(z.string().min(3).max(500)).max(1000).describe('texts as they are').default([]),
    patterns: z.array(pattern()).max(100).describe('regular expressions, within one line').default([]),
    networks: z.array(network()).max(100).describe('addresses').default([]),
    replace: z.boolean().describe('true: the same text gets the same placeholder; false: stars').default(true),
  })
  .refine(({ networks, patterns, strings }) => networks.length + patterns.length + strings.length > 0, {
    error: 'needs `strings`, `patterns` or `networks`',
  });

/** Where logs are, and what is hidden in them. */
export const logsSchema = z.strictObject({
  directory: path('where consoles and artifacts are kept').default('./logs'),
  scrub: z
    .strictObject({
      lab: z.boolean().describe('hide the hosts of this file: Feilong, clouds, racks, database, mail').default(true),
      without: z.array(z.enum(shippedNames)).describe('shipped rules that are not applied').default([]),
      rules: z.array(scrubRuleSchema).max(100).describe('what else must not become public').default([]),
    })
    .prefault({}),
  retention: retentionSchema().prefault({}),
  upload: uploadSchema.describe('where logs go when their build is over').optional(),
});

const month = 30 * 86_400_000;

function retentionSchema() {
  const age = (what: string) => duration(`how long logs of ${what} are kept`, { min: '1h', max: '3650d' });
  return z
    .strictObject({
      passed: age('builds that succeeded or were aborted').default(60 * 86_400_000),
      failed: age('builds that failed').default(90 * 86_400_000),
      infra: age('builds that infrastructure ended').default(60 * 86_400_000),
      held: age('builds whose server was held').default(90 * 86_400_000),
      under_30_days: z.boolean().describe('true: shorter ages are wanted').default(false),
      disk: z
        .strictObject({ high: share('fuller: the oldest logs are deleted'), low: share('until it is so full') })
        .refine(({ high, low }) => low < high, { error: '`low` must be below `high`' })
        .optional(),
    })
    .superRefine((value, context) => {
      if (value.under_30_days) return;
      for (const key of ['passed', 'failed', 'infra', 'held'] as const)
        if (value[key] < month)
          context.addIssue({
            code: 'custom',
            path: [key],
            message:
              'is below the 30 days that OpenStack asks for: say `under_30_days: true` beside it if that is wanted',
          });
    });
}

function share(description: string) {
  return z
    .string()
    .transform((text, context) => {
      const [, number = ''] = /^(\d{1,2})\s?%$/.exec(text) ?? [];
      if (Number(number) > 0) return Number(number) / 100;
      context.addIssue({ code: 'custom', message: 'must be a share of the disk, such as 90%' });
      return z.NEVER;
    })
    .describe(description);
}

function pattern() {
  return z
    .string()
    .min(1)
    .max(500)
    .superRefine((source, context) => {
      const problem = patternProblem(source);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    });
}

function network() {
  return z.string().transform((text, context): Network => {
    const parsed = parseNetwork(text);
    if (parsed) return parsed;
    context.addIssue({ code: 'custom', message: 'must be a network such as 192.0.2.0/24, or an address' });
    return z.NEVER;
  });
}
