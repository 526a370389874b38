import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';

/** The answer in the shape we need; anything else comes from something that is no OpenStack (a proxy's page, a cut body). */
export function parseAnswer<Schema extends z.ZodType>(schema: Schema, text: string, call: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text, call));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SidegateError(
    'cloud-unreachable',
    `${call}: unexpected answer: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}

function parseJson(text: string, call: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new SidegateError('cloud-unreachable', `${call}: the answer is no JSON`);
  }
}
