import { Refusal } from '../gerrit.ts';
import type { Change } from '../state/model.ts';
import { parseQuery } from './parse.ts';
import type { QueryNode } from './parse.ts';
import { predicate } from './predicates.ts';
import type { Predicate, QueryContext } from './predicates.ts';

/** Gerrit's default `queryLimit`: nobody gets more rows at once. */
export const queryLimit = 500;

export interface Page {
  readonly start: number;
  readonly limit: number | undefined;
}

export interface Found {
  readonly changes: readonly Change[];
  readonly more: boolean;
}

/** Newest update first, as Gerrit sorts. Only what the viewer may see. */
export function runQuery(context: QueryContext, text: string, { start, limit }: Page): Found {
  const limits: number[] = limit === undefined || limit <= 0 ? [] : [limit];
  const wanted = compile(parseQuery(text), context, limits);
  const { store, accounts } = context.gerrit;
  const all = [...store.all()].filter((change) => accounts.mayRead(context.viewer, change) && wanted(change));
  all.sort((left, right) => right.updatedAt - left.updatedAt || right.number - left.number);
  const count = Math.min(queryLimit, ...limits);
  return { changes: all.slice(start, start + count), more: all.length > start + count };
}

function compile(node: QueryNode, context: QueryContext, limits: number[]): Predicate {
  switch (node.kind) {
    case 'and': {
      const parts = node.nodes.map((part) => compile(part, context, limits));
      return (change) => parts.every((part) => part(change));
    }
    case 'or': {
      const parts = node.nodes.map((part) => compile(part, context, limits));
      return (change) => parts.some((part) => part(change));
    }
    case 'not': {
      const part = compile(node.node, context, limits);
      return (change) => !part(change);
    }
    case 'term':
      return node.operator === 'limit' ? takeLimit(node.value, limits) : predicate(node.operator, node.value, context);
  }
}

function takeLimit(value: string, limits: number[]): Predicate {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Refusal(400, `Invalid limit: ${value}`);
  limits.push(Number(value));
  return () => true;
}
