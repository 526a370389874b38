import { parsePattern } from '../signatures/pattern-syntax.ts';
import type { Pattern, Signature } from '../signatures/signature.ts';

/** A signature for tests: looked for in every log, of `mirror` unless said otherwise. */
export function plainSignature(
  id: string,
  over: Partial<Omit<Signature, 'all' | 'any'>> & {
    readonly all?: readonly string[];
    readonly any?: readonly string[];
  },
): Signature {
  const { all = [], any = [], ...rest } = over;
  const none = { tests: undefined, bug: undefined, retry: undefined };
  return {
    id,
    title: id,
    cause: 'mirror',
    logs: ['*'],
    ...none,
    ...rest,
    all: all.map(toPattern),
    any: any.map(toPattern),
  };
}

function toPattern(text: string): Pattern {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new Error(`${text} ${parsed.what}`);
  return { text, node: parsed.node };
}
