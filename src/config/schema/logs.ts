import { z } from 'zod';
import { patternProblem } from '../../domain/scrub/pattern.ts';
import { parseNetwork } from '../../domain/scrub/networks.ts';
import type { Network } from '../../domain/scrub/networks.ts';
import { shippedRules } from '../../domain/scrub/shipped-rules.ts';
import { name, path } from './scalars.ts';

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
});

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
