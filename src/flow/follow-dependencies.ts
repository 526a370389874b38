import { isApplicable, openAncestors, orderDependencies } from '../domain/dependencies.ts';
import type { Ancestor, Dependencies, Dependency, RelatedChange } from '../domain/dependencies.ts';
import { connectionOfHost, dependsOnFooters } from '../domain/depends-on.ts';
import type { DependsOn } from '../domain/depends-on.ts';
import { patchsetName } from '../domain/patchset.ts';
import type { Patchset } from '../domain/patchset.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { CodeReview, FoundChange } from '../ports/code-review.ts';
import type { Flow } from './context.ts';

/** Changes followed by footers; with more, nothing is run. */
const mostChanges = 50;
/** Footers followed from one change to the next. */
const deepest = 20;
/** Ancestors whose footers are read, the nearest first. Git brings all of them along. */
const mostAncestors = 100;
/** Changes asked for, those that are merged or not there included. */
const mostLookups = 200;
const mostIgnored = 20;

export type FollowedDependencies =
  | { readonly kind: 'found'; readonly dependencies: Dependencies }
  /** Why this patchset cannot be tested, for its author. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What many chained patchsets have in common is asked once. */
export interface DependencyCache {
  /** By commit: they never change. */
  readonly footers: Map<string, readonly DependsOn[]>;
  /** By each of their commits; git's part never changes, what is merged or outdated does. */
  readonly chains: Map<string, { readonly readAt: number; readonly related: readonly RelatedChange[] }>;
}

export function createDependencyCache(): DependencyCache {
  return { footers: new Map(), chains: new Map() };
}

/** How long a relation chain may be known (ms). */
const chainAge = 20_000;

interface Node {
  readonly key: string;
  readonly patchset: Pick<Patchset, 'connection' | 'project' | 'number' | 'patchset' | 'revision'>;
  readonly needs: string[];
  readonly depth: number;
}

/** Asks Gerrit what a patchset needs: footers and relation chain, of all it needs too. Throws what Gerrit's failures are. */
export async function followDependencies(
  flow: Pick<Flow, 'reviews'>,
  root: Patchset,
  cache: DependencyCache,
): Promise<FollowedDependencies> {
  return new Follower(flow, cache).follow(root);
}

class Follower {
  readonly #reviews: Flow['reviews'];
  readonly #cache: DependencyCache;
  readonly #nodes = new Map<string, Node>();
  readonly #changes = new Map<string, Dependency>();
  readonly #ancestors = new Map<string, Ancestor>();
  readonly #ignored = new Set<string>();
  #lookups = 0;
  readonly #waiting: { readonly node: Node; readonly footers: readonly DependsOn[] }[] = [];

  constructor({ reviews }: Pick<Flow, 'reviews'>, cache: DependencyCache) {
    this.#reviews = reviews;
    this.#cache = cache;
  }

  async follow(patchset: Patchset): Promise<FollowedDependencies> {
    const root = this.#addNode(patchset, 0);
    await this.#addChain(root, patchset);
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      for (const footer of next.footers) await this.#followFooter(next.node, footer);
      if (this.#lookups > mostLookups)
        return refused(`The change and those it depends on name more than ${mostLookups} changes.`);
      if (this.#changes.size > mostChanges)
        return refused(`The change depends on more than ${mostChanges} changes that are not merged.`);
      if (next.node.depth > deepest) return refused(`The change depends on a change over more than ${deepest} others.`);
    }
    return this.#result(root);
  }

  #result(root: Node): FollowedDependencies {
    const graph = new Map([...this.#nodes].map(([key, { needs }]) => [key, needs]));
    const order = orderDependencies(graph, root.key);
    if (order.kind === 'cycle') {
      const names = order.keys.map((key) => this.#nameOf(key));
      const how = order.keys.includes(root.key) ? 'is part of' : 'depends on';
      return refused(`The change ${how} a cycle of dependencies, which cannot be merged: ${names.join(' → ')}.`);
    }
    const changes = order.keys.flatMap((key) => {
      const change = key === root.key || this.#ancestors.has(key) ? undefined : this.#changes.get(key);
      return change ? [change] : [];
    });
    const dependencies = { changes, ancestors: [...this.#ancestors.values()], ignored: [...this.#ignored] };
    return { kind: 'found', dependencies };
  }

  #nameOf(key: string): string {
    const node = this.#nodes.get(key);
    return node ? patchsetName(node.patchset) : key;
  }

  #addNode(patchset: Node['patchset'], depth: number): Node {
    const node = { key: keyOf(patchset), patchset, needs: [], depth };
    this.#nodes.set(node.key, node);
    return node;
  }

  /** What a patchset needs by git, and the footers of all of these. */
  async #addChain(node: Node, patchset: Patchset, message?: string): Promise<void> {
    const review = this.#reviewOf(patchset.connection);
    if (!review) return;
    this.#waiting.push({ node, footers: await this.#footersOf(review, patchset, message) });
    const related = await this.#chainOf(review, patchset);
    const chain = openAncestors(patchset.revision, related);
    const keys = new Map(chain.map(({ revision, number }) => [revision, keyOf({ ...patchset, number })]));
    const keysOf = (parents: readonly string[]) => parents.flatMap((parent) => keys.get(parent) ?? []);
    node.needs.push(...keysOf(related.find(({ revision }) => revision === patchset.revision)?.parents ?? []));
    for (const { isMerged: _isMerged, parents, ...numbers } of chain) {
      const { connection, project, url } = patchset;
      const ancestor = { connection, project, ...numbers, url: url.replace(/\d+$/, String(numbers.number)) };
      await this.#addAncestor(review, ancestor, { needs: keysOf(parents), depth: node.depth });
    }
  }

  async #addAncestor(
    review: CodeReview,
    ancestor: Ancestor,
    { needs, depth }: Pick<Node, 'needs' | 'depth'>,
  ): Promise<void> {
    const key = keyOf(ancestor);
    const known = this.#nodes.get(key);
    // The patchset under test, based on itself by way of another change: the edge to it closes a cycle.
    if (known?.depth === 0 && !this.#ancestors.has(key)) return;
    if (this.#ancestors.size >= mostAncestors)
      return this.#ignore(`Only the footers of ${mostAncestors} changes of the relation chain are read.`);
    this.#ancestors.set(key, ancestor);
    const node = known ?? this.#addNode(ancestor, depth);
    node.needs.push(...needs);
    if (!known) this.#waiting.push({ node, footers: await this.#footersOf(review, ancestor) });
  }

  async #footersOf(review: CodeReview, of: Node['patchset'], message?: string): Promise<readonly DependsOn[]> {
    const key = `${of.connection} ${of.revision}`;
    const cached = this.#cache.footers.get(key);
    if (cached) return cached;
    const footers = dependsOnFooters(message ?? (await review.commitMessage(targetOf(of))));
    this.#cache.footers.set(key, footers);
    return footers;
  }

  async #chainOf(review: CodeReview, of: Node['patchset']): Promise<readonly RelatedChange[]> {
    const keyFor = (revision: string) => `${of.connection} ${revision}`;
    const cached = this.#cache.chains.get(keyFor(of.revision));
    if (cached && Date.now() - cached.readAt < chainAge) return cached.related;
    const chain = { readAt: Date.now(), related: await review.relatedChanges(targetOf(of)) };
    for (const { revision } of chain.related) this.#cache.chains.set(keyFor(revision), chain);
    return chain.related;
  }

  async #followFooter(node: Node, footer: DependsOn): Promise<void> {
    if (this.#changes.size > mostChanges || this.#lookups++ > mostLookups) return;
    for (const found of await this.#find(node, footer)) {
      if (footer.kind === 'change-id' && found.status === 'abandoned')
        this.#ignoreFooter(footer.changeId, `${patchsetName(found.patchset)} is abandoned`);
      else if (found.status !== 'merged') await this.#addDependency(node, found);
    }
  }

  async #find(node: Node, footer: DependsOn): Promise<readonly FoundChange[]> {
    if (footer.kind === 'unreadable') return this.#ignoreFooter(footer.text, 'it names no change');
    if (footer.kind === 'change-id') {
      const found = (await this.#reviewOf(node.patchset.connection)?.findChanges({ changeId: footer.changeId })) ?? [];
      return found.length > 0 ? found : this.#ignoreFooter(footer.changeId, 'there is no such change');
    }
    const reviews = [...this.#reviews.values()].map(({ review }) => ({ review, url: review.fetchUrl }));
    const review = connectionOfHost(reviews, footer.host)?.review;
    if (!review) return this.#ignoreFooter(footer.address, 'no Gerrit of that address is configured');
    const found = await review.findChanges({ number: footer.number });
    return found.length > 0 ? found : this.#ignoreFooter(footer.address, 'there is no such change');
  }

  async #addDependency(node: Node, { patchset, message, status, isPrivate }: FoundChange): Promise<void> {
    // Its code would be seen in logs that everybody reads.
    if (isPrivate) return void this.#ignoreFooter(patchset.url, 'the change is private');
    if (!isApplicable(patchset))
      return void this.#ignoreFooter(patchset.url, 'its project or branch has an unusual name');
    const key = keyOf(patchset);
    // Zuul follows nobody to itself.
    if (key === node.key) return;
    node.needs.push(key);
    if (this.#nodes.has(key)) return;
    this.#changes.set(key, { ...patchset, isAbandoned: status === 'abandoned' });
    await this.#addChain(this.#addNode(patchset, node.depth + 1), patchset, message);
  }

  #ignoreFooter(text: string, reason: string): readonly FoundChange[] {
    this.#ignore(`Depends-On: ${oneLine(text, 200)} is not followed: ${reason}.`);
    return [];
  }

  #ignore(sentence: string): void {
    if (this.#ignored.size < mostIgnored) this.#ignored.add(sentence);
  }

  #reviewOf(connection: string): CodeReview | undefined {
    return this.#reviews.get(connection)?.review;
  }
}

function refused(reason: string): FollowedDependencies {
  return { kind: 'refused', reason };
}

function keyOf({ connection, number }: Pick<Patchset, 'connection' | 'number'>): string {
  return `${connection} ${number}`;
}

function targetOf({ number: change, project, patchset, revision }: Node['patchset']) {
  return { change, project, patchset, revision };
}
