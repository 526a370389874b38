import { z } from 'zod';
import { oneLine } from '../../domain/sanitize.ts';
import { commandFailed } from './run-command.ts';
import type { CommandRequest } from './run-command.ts';

/** Answers are the operator's, but what is in them may come from what builds left: every text is made harmless where it is read. */
const text = (max: number) => z.string().transform((value) => oneLine(value, max));

const maxVariables = 100;
const variableName = z.string().regex(/^(?!SIDEGATE_)[A-Z][A-Z0-9_]{0,127}$/, {
  error: 'must be the name of a variable: capitals, digits and `_`, not beginning with SIDEGATE_',
});
const variableValue = z
  .string()
  .max(32_768)
  .regex(/^[^\0]*$/, { error: 'must not hold a NUL' });

export const preparedSchema = z.object({
  variables: z
    .record(variableName, variableValue)
    .refine((variables) => Object.keys(variables).length <= maxVariables, { error: `are more than ${maxVariables}` })
    .default({}),
});

/** `found` has no default: a script that forgot to look must not pass for a clean slot. */
export const cleanedSchema = z.object({
  found: z.array(text(200)),
  left: z.array(z.object({ what: text(200), why: text(300) })).default([]),
});

export const checkedSchema = z.object({
  text: text(300).default(''),
  free: z.object({ memory: z.number().min(0).optional(), disk: z.number().min(0).optional() }).default({}),
});

export function parseAnswer<Answer>(schema: z.ZodType<Answer>, request: CommandRequest, answer: unknown): Answer {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'document';
  throw commandFailed(request, `its answer has a wrong ${oneLine(`${place}: ${issue?.message ?? ''}`, 300)}`);
}
