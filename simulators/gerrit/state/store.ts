import { join } from 'node:path';
import { Journal } from './journal.ts';
import type { Change, ChangeDelta, Comment, Message, Patchset } from './model.ts';

interface KeptChange extends Change {
  readonly patchsets: Patchset[];
  readonly messages: Message[];
  readonly comments: Comment[];
}

/** All changes, in memory, behind a journal: what was answered once is there again after a crash. */
export class ChangeStore {
  readonly #journal: Journal;
  readonly #byNumber = new Map<number, KeptChange>();
  readonly #numbersByChangeId = new Map<string, Set<number>>();
  readonly #byRevision = new Map<string, { number: number; patchset: number }>();
  #lastNumber = 0;

  constructor(directory: string) {
    this.#journal = new Journal(join(directory, 'changes.jsonl'), (entry) => this.#absorb(entry as ChangeDelta));
  }

  /** Journal first, memory second. */
  apply(delta: ChangeDelta): Change {
    this.#journal.append(delta);
    return this.#absorb(delta);
  }

  /** Numbers are never given twice, not even after a refused push. */
  takeNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  byNumber(number: number): Change | undefined {
    return this.#byNumber.get(number);
  }

  byChangeId(changeId: string): Change[] {
    const numbers = this.#numbersByChangeId.get(changeId) ?? new Set();
    return [...numbers].flatMap((number) => this.#byNumber.get(number) ?? []);
  }

  byRevision(project: string, revision: string): { change: Change; patchset: number } | undefined {
    const found = this.#byRevision.get(`${project} ${revision}`);
    const change = found && this.#byNumber.get(found.number);
    return found && change ? { change, patchset: found.patchset } : undefined;
  }

  all(): IterableIterator<Change> {
    return this.#byNumber.values();
  }

  close(): void {
    this.#journal.close();
  }

  #absorb({ core, patchsets = [], messages = [], comments = [] }: ChangeDelta): Change {
    const old = this.#byNumber.get(core.number);
    const change: KeptChange = {
      ...core,
      patchsets: old?.patchsets ?? [],
      messages: old?.messages ?? [],
      comments: old?.comments ?? [],
    };
    change.patchsets.push(...patchsets);
    change.messages.push(...messages);
    change.comments.push(...comments);
    this.#byNumber.set(core.number, change);
    for (const patchset of patchsets) {
      this.#byRevision.set(`${core.project} ${patchset.revision}`, { number: core.number, patchset: patchset.number });
    }
    if (old === undefined) this.#index(change);
    return change;
  }

  #index(change: Change): void {
    const numbers = this.#numbersByChangeId.get(change.changeId) ?? new Set();
    this.#numbersByChangeId.set(change.changeId, numbers.add(change.number));
    this.#lastNumber = Math.max(this.#lastNumber, change.number);
  }
}
