import { z } from 'zod';
import { SidegateError } from '../../../domain/errors.ts';

const lineSchema = z.object({
  kind: z.enum(['guest', 'image']),
  name: z.string().max(255),
  state: z.enum(['intended', 'made', 'refused', 'deleted', 'unknown']),
});

export type LedgerLine = z.output<typeof lineSchema>;

const begin = '{"at":"';

/** Of a line that a crash cut Feilong was not asked. What is neither that nor a line of a ledger is another file, which must not be spoilt. */
export function parseLedger(text: string, path: string): readonly LedgerLine[] {
  return text.split('\n').flatMap((line, index) => {
    const read = lineSchema.safeParse(parseJson(line));
    if (read.success) return [read.data];
    if (begin.startsWith(line) || (line.startsWith(begin) && parseJson(line) === undefined)) return [];
    throw new SidegateError('options-invalid', `--ledger ${path}: line ${index + 1} is not of a ledger.`);
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
