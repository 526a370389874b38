import type { Patchset } from './patchset.ts';

/** What a patchset is tested together with. */
export interface Dependencies {
  /** To be merged before the change under test, in this order. */
  readonly changes: readonly Dependency[];
  /** Open changes that one of the others is based on: git brings them along. */
  readonly ancestors: readonly Ancestor[];
  /** Footers that are not followed, and why: a sentence each, harmless to print. */
  readonly ignored: readonly string[];
  /** What its jobs apply on top of it, those that carry anything. Undefined: none does. */
  readonly carried?: readonly JobCarry[];
}

export interface Dependency extends Patchset {
  /** It still counts, as Zuul counts it: only what is merged needs not be applied. */
  readonly isAbandoned: boolean;
}

export type Ancestor = Pick<Patchset, 'connection' | 'project' | 'number' | 'patchset' | 'revision' | 'url'> & {
  readonly isOutdated: boolean;
};

/** Applied on top of what is tested because a job says so, as it was when it was looked up. */
export interface CarriedChange extends Patchset {
  readonly isAbandoned: boolean;
  readonly reason: string;
}

/** What one job of a buildset applies on top of what is tested. */
export interface JobCarry {
  readonly job: string;
  /** In this order, after the change under test. */
  readonly changes: readonly CarriedChange[];
  /** Those that are not applied, and why: a sentence each, harmless to print. */
  readonly left: readonly string[];
}

export const noDependencies: Dependencies = { changes: [], ancestors: [], ignored: [] };

/** One change and the changes it needs, by key; those that are not in the graph need not be applied. */
export type DependencyGraph = ReadonlyMap<string, readonly string[]>;

type DependencyOrder =
  | { readonly kind: 'ordered'; readonly keys: readonly string[] }
  /** The keys along the cycle; the first is the last again. */
  | { readonly kind: 'cycle'; readonly keys: readonly string[] };

/** Everything `root` needs, each after what it needs itself, and `root` last. */
export function orderDependencies(graph: DependencyGraph, root: string): DependencyOrder {
  const done = new Set<string>();
  const path: { readonly key: string; readonly left: string[] }[] = [];
  const enter = (key: string) => path.push({ key, left: [...(graph.get(key) ?? [])].toReversed() });
  enter(root);
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const next = top.left.pop();
    if (next === undefined) {
      done.add(top.key);
      path.pop();
      continue;
    }
    if (done.has(next) || !graph.has(next)) continue;
    const start = path.findIndex(({ key }) => key === next);
    if (start >= 0) return { kind: 'cycle', keys: [...path.slice(start).map(({ key }) => key), next] };
    enter(next);
  }
  return { kind: 'ordered', keys: [...done] };
}

/** A commit of a relation chain, as Gerrit tells it. */
export interface RelatedChange {
  readonly number: number;
  readonly patchset: number;
  readonly revision: string;
  readonly parents: readonly string[];
  readonly isMerged: boolean;
  /** The change has a newer patchset. */
  readonly isOutdated: boolean;
}

/** The changes a commit is based on that are not merged, the nearest first. */
export function openAncestors(revision: string, related: readonly RelatedChange[]): readonly RelatedChange[] {
  const byRevision = new Map(related.map((one) => [one.revision, one]));
  const found: RelatedChange[] = [];
  const seen = new Set([revision]);
  const waiting = [...(byRevision.get(revision)?.parents ?? [])];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const ancestor = byRevision.get(next);
    if (!ancestor || ancestor.isMerged || seen.has(next)) continue;
    seen.add(next);
    found.push(ancestor);
    waiting.push(...ancestor.parents);
  }
  return found;
}

/**
 * The names of changes, projects and branches become folders and arguments of the job's git: what is unusual is not handed over, whoever
 * made it up.
 */
export function isApplicable({ project, branch }: Pick<Patchset, 'project' | 'branch'>): boolean {
  return [project, branch].every(
    (name) => name.length <= 255 && name.split('/').every((part) => /^[\w+@~#][\w.+@~#-]*$/.test(part)),
  );
}
