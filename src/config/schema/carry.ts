import { z } from 'zod';
import { parseChangeReference } from '../../domain/change-reference.ts';
import type { ChangeReference } from '../../domain/change-reference.ts';
import { foreignName, line, name } from './scalars.ts';

const largest = 999_999_999;

const changeReference = z
  .union([z.int().min(1).max(largest), z.string()], { error: 'must be the number or the address of a change' })
  .transform((given, context): ChangeReference => {
    const reference = parseChangeReference(String(given));
    if (reference && reference.number > 0 && reference.patchset === undefined) return reference;
    const what =
      reference?.patchset === undefined
        ? 'the number or the address of a change'
        : 'without a patchset: the newest one is carried';
    context.addIssue({ code: 'custom', message: `must be ${what}` });
    return z.NEVER;
  });

/** A change that a job applies on top of what it tests. */
export const carrySchema = z.strictObject({
  gerrit: name('name of the Gerrit; none: the one of the address, or the only one').optional(),
  change: changeReference.describe('number or address of the change; its newest patchset is applied'),
  reason: line('why it is needed: shown with each build'),
  branches: z
    .array(foreignName('a branch or a pattern with `*`'))
    .min(1)
    .max(20)
    .describe('branches under test with which it is applied, for projects that have one branch for all; none: its own')
    .optional(),
});
