import type { ByteSet, PatternNode } from './pattern-syntax.ts';

/** A state of a nondeterministic automaton; numbers are those of other states. */
export type ProgramState =
  | { readonly kind: 'bytes'; readonly set: ByteSet; readonly next: number }
  | { readonly kind: 'split'; readonly next: readonly number[] }
  | { readonly kind: 'line-start'; readonly next: number }
  | { readonly kind: 'line-end'; readonly next: number }
  /** The pattern of that number matches. */
  | { readonly kind: 'accept'; readonly pattern: number };

export interface Program {
  readonly states: readonly ProgramState[];
  /** Where each pattern begins. */
  readonly starts: readonly number[];
}

/** More than any pattern for people needs; `(.{100}){100}` is none. */
const mostStates = 2000;

export function isTooLarge(node: PatternNode): boolean {
  return sizeOf(node) > mostStates;
}

/** All patterns as one automaton (Thompson's construction, from the end of each pattern to its start). */
export function compileProgram(patterns: readonly PatternNode[]): Program {
  const states: ProgramState[] = [];
  const add = (state: ProgramState) => states.push(state) - 1;
  const starts = patterns.map((node, pattern) => compile(node, add({ kind: 'accept', pattern }), { states, add }));
  return { states, starts };
}

interface Builder {
  readonly states: ProgramState[];
  readonly add: (state: ProgramState) => number;
}

/** Adds the states of a node that goes on at `next`; answers where it begins. */
function compile(node: PatternNode, next: number, builder: Builder): number {
  switch (node.kind) {
    case 'bytes':
      return builder.add({ kind: 'bytes', set: node.set, next });
    case 'sequence':
      return node.parts.reduceRight((behind, part) => compile(part, behind, builder), next);
    case 'choice':
      return builder.add({ kind: 'split', next: node.options.map((option) => compile(option, next, builder)) });
    case 'repeat':
      return compileRepeat(node, next, builder);
    case 'line-start':
    case 'line-end':
      return builder.add({ kind: node.kind, next });
  }
}

function compileRepeat(
  { node, min, max }: Extract<PatternNode, { kind: 'repeat' }>,
  next: number,
  builder: Builder,
): number {
  let begin = next;
  if (max === undefined) {
    // A loop: the split is known before what it leads to.
    begin = builder.add({ kind: 'split', next: [] });
    builder.states[begin] = { kind: 'split', next: [compile(node, begin, builder), next] };
  } else
    for (let more = min; more < max; more += 1)
      begin = builder.add({ kind: 'split', next: [compile(node, begin, builder), next] });
  for (let must = 0; must < min; must += 1) begin = compile(node, begin, builder);
  return begin;
}

function sizeOf(node: PatternNode): number {
  switch (node.kind) {
    case 'sequence':
      return node.parts.reduce((sum, part) => sum + sizeOf(part), 0);
    case 'choice':
      return node.options.reduce((sum, option) => sum + sizeOf(option), 1);
    case 'repeat':
      return (sizeOf(node.node) + 1) * Math.max(1, node.max ?? node.min + 1);
    case 'bytes':
    case 'line-start':
    case 'line-end':
      return 1;
  }
}
