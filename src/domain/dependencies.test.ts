import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isApplicable, openAncestors, orderDependencies } from './dependencies.ts';
import type { DependencyGraph, RelatedChange } from './dependencies.ts';

function graphOf(edges: Readonly<Record<string, readonly string[]>>): DependencyGraph {
  return new Map(Object.entries(edges));
}

describe('the order of dependencies', () => {
  test('is dependencies first, each once, the change under test last', () => {
    const graph = graphOf({ c: ['b', 'a'], b: ['base'], a: ['base'], base: [], unrelated: [] });

    expect(orderDependencies(graph, 'c')).toEqual({ kind: 'ordered', keys: ['base', 'b', 'a', 'c'] });
  });

  test.each([
    [{ a: ['b'], b: ['c'], c: ['b'] }, ['b', 'c', 'b']],
    [{ a: ['b'], b: ['a'] }, ['a', 'b', 'a']],
    [{ a: ['x', 'b'], x: [], b: ['x', 'c'], c: ['a'] }, ['a', 'b', 'c', 'a']],
  ])('a cycle is told as its path: %o', (edges, keys) => {
    expect(orderDependencies(graphOf(edges), 'a')).toEqual({ kind: 'cycle', keys });
  });

  const names = fc.integer({ min: 0, max: 11 }).map(String);
  const graphs = fc
    .array(fc.tuple(names, names), { maxLength: 40 })
    .map((edges) => [...edges, ['0', '1'] as const])
    .map((edges) => Map.groupBy(edges, ([from]) => from))
    .map((groups) => new Map([...groups].map(([from, edges]) => [from, edges.map(([, to]) => to)])));

  test('of any graph is one of what can be reached, or a real cycle', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const order = orderDependencies(graph, '0');

        if (order.kind === 'cycle') {
          const steps = order.keys.slice(1).map((key, index) => [order.keys[index]!, key] as const);
          expect(order.keys.at(0)).toBe(order.keys.at(-1));
          expect(steps.every(([from, to]) => graph.get(from)?.includes(to))).toBe(true);
          return;
        }
        expect(new Set(order.keys).size).toBe(order.keys.length);
        expect(order.keys.at(-1)).toBe('0');
        for (const [place, key] of order.keys.entries())
          for (const need of graph.get(key) ?? [])
            if (graph.has(need)) expect(order.keys.indexOf(need)).toBeLessThan(place);
      }),
    );
  });

  test('of a graph without a cycle is never refused', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const upwards = new Map([...graph].map(([key, needs]) => [key, needs.filter((n) => Number(n) > Number(key))]));

        expect(orderDependencies(upwards, '0').kind).toBe('ordered');
      }),
    );
  });

  test('of a very long chain needs no deep stack', () => {
    const chain = new Map(Array.from({ length: 50_000 }, (_, n) => [String(n), [String(n + 1)]]));

    expect(orderDependencies(chain, '0')).toMatchObject({ kind: 'ordered' });
  });
});

function related(number: number, parents: readonly number[], changes: Partial<RelatedChange> = {}): RelatedChange {
  return {
    number,
    patchset: 1,
    revision: `r${number}`,
    parents: parents.map((parent) => `r${parent}`),
    isMerged: false,
    isOutdated: false,
    ...changes,
  };
}

describe('open ancestors', () => {
  test('are those below, the nearest first, up to what is merged; not those above or beside', () => {
    const chain = [
      related(6, [5]),
      related(5, [4]),
      related(9, [3]),
      related(4, [3], { isOutdated: true }),
      related(3, [2]),
      related(2, [1], { isMerged: true }),
      related(1, [0]),
    ];

    expect(openAncestors('r5', chain).map(({ number }) => number)).toEqual([4, 3]);
    expect(openAncestors('r3', chain)).toEqual([]);
    expect(openAncestors('unknown', chain)).toEqual([]);
  });

  test('of a merge are those of all its parents, each once', () => {
    const chain = [related(4, [3, 2]), related(3, [1]), related(2, [1]), related(1, [])];

    expect(openAncestors('r4', chain).map(({ number }) => number)).toEqual([3, 2, 1]);
  });
});

test.each([
  ['openstack/nova', 'stable/2026.1', true],
  ['a', 'master', true],
  ['a/../../etc', 'master', false],
  ['/etc', 'master', false],
  ['a', '-b', false],
  ['a/.git/hooks', 'master', false],
  ['a\tb', 'master', false],
  ['a b', 'master', false],
  ['a', '$(id)', false],
])('project %o, branch %o can be checked out: %s', (project, branch, applicable) => {
  expect(isApplicable({ project, branch })).toBe(applicable);
});
