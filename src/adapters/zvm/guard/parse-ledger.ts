import { z } from 'zod';
import { SidegateError } from '../../../domain/errors.ts';

const lineSchema = z.object({
  kind: z.enum(['guest', 'image']),
  name: z.string().max(255),
  state: z.enum(['intended', 'made', 'refused', 'deleted', 'unknown']),
});

export type LedgerLine = z.output<typeof lineSchema>;

/** A line that a crash cut is no JSON: Feilong was not asked for it. Anything else that is no line of a ledger is another file. */
export function parseLedger(text: string, path: string): readonly LedgerLine[] {
  return text.split('\n').flatMap((line, index) => {
    const value = parseJson(line);
    if (value === undefined) return [];
    const read = lineSchema.safeParse(value);
    if (read.success) return [read.data];
    throw new SidegateError('config-invalid', `--ledger ${path}: line ${index + 1} is not of a ledger.`);
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
