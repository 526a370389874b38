import { z } from 'zod';
import { causeRules, causes } from '../../domain/cause.ts';
import { isTooLarge } from '../../domain/signatures/pattern-program.ts';
import { parsePattern } from '../../domain/signatures/pattern-syntax.ts';
import { line, name } from './scalars.ts';

/** What logs can show; the rest is known from elsewhere. */
const nameable = causes.filter(
  (cause) =>
    causeRules[cause].vote !== 'no comment' &&
    !['service', 'dependencies', 'lab-wide', 'timeout', 'job'].includes(cause),
);

const text = z.string().min(1).max(10_000);

/** A file of a signature. */
export const signatureSchema = z.strictObject({
  id: name('name of the signature; the file is called so too'),
  title: line('what is wrong, in one line for people; becomes part of the comment on Gerrit'),
  cause: z
    .enum(nameable as [(typeof nameable)[number], ...typeof nameable])
    .describe('what a build failed of that shows it'),
  logs: z
    .array(line('name of a log below the folder of the build, `*` for any characters'))
    .min(1)
    .max(50)
    .describe('logs it is looked for in'),
  all: z.array(pattern()).max(20).describe('patterns that must all match a line of the same log').default([]),
  any: z.array(pattern()).max(20).describe('patterns of which one must match a line').default([]),
  tests: z
    .array(line('name of a test, `*` for any characters'))
    .min(1)
    .max(200)
    .describe('the only tests that fail of it')
    .optional(),
  bug: z
    .string()
    .max(500)
    .regex(/^https?:\/\/[^\s<>"]+$/, { error: 'must be an address such as https://bugs.launchpad.net/…' })
    .describe('where it is reported')
    .optional(),
  retry: z.boolean().describe('whether another attempt may help; else as its cause has it').optional(),
  examples: z
    .strictObject({
      match: z.array(text).max(50).describe('pieces of logs that show it').default([]),
      other: z.array(text).max(50).describe('pieces of logs that look like it and do not').default([]),
    })
    .describe('what it must find, and what it must not')
    .prefault({}),
});

/** Linear in the text, whatever that is: see `domain/signatures/`. */
function pattern() {
  return z
    .string()
    .transform((source, context) => {
      const parsed = parsePattern(source);
      const what = !parsed.ok ? parsed.what : isTooLarge(parsed.node) ? 'is too large: repeat less' : undefined;
      if (parsed.ok && what === undefined) return { text: source, node: parsed.node };
      context.addIssue({ code: 'custom', message: `${what}` });
      return z.NEVER;
    })
    .describe('a regular expression without look-around and back references');
}
