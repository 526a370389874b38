import ssh2 from 'ssh2';
import type { Account, Change, Label } from './model.ts';
import { keepSeed } from './seed.ts';
import type { Seed } from './seed.ts';

const firstAccountId = 1_000_000;

/** Accounts, labels and who may do what. */
export class Accounts {
  readonly #directory: string;
  readonly #registeredAt: number;
  #seed: Seed;
  #accounts: Account[] = [];
  readonly labels: readonly Label[];

  constructor(directory: string, seed: Seed, registeredAt: number) {
    this.#directory = directory;
    this.#seed = seed;
    this.#registeredAt = registeredAt;
    this.labels = Object.entries(seed.labels).map(([name, label]) => toLabel(name, label));
    this.#load();
  }

  byId(id: number): Account {
    const account = this.#accounts[id - firstAccountId];
    if (account === undefined) throw new Error(`no account ${id}`);
    return account;
  }

  byUsername(username: string): Account | undefined {
    return this.#accounts.find((account) => account.username === username);
  }

  byEmail(email: string): Account | undefined {
    return this.#accounts.find((account) => account.email === email);
  }

  /** As people and queries name an account: `self`, id, username or e-mail. */
  resolve(text: string, viewer: Account | undefined): Account | undefined {
    if (text === 'self' || text === 'me') return viewer;
    return this.#accounts.find(({ id, username, email }) => [String(id), username, email].includes(text));
  }

  addSshKey(username: string, key: string): boolean {
    if (ssh2.utils.parseKey(key) instanceof Error) return false;
    const accounts = this.#seed.accounts.map((account) =>
      account.username === username ? { ...account, sshKeys: [...account.sshKeys, key] } : account,
    );
    this.#seed = { ...this.#seed, accounts };
    keepSeed(this.#directory, this.#seed);
    this.#load();
    return true;
  }

  label(name: string): Label | undefined {
    return this.labels.find((label) => label.name === name);
  }

  /** Lowest and highest vote this account may give, undefined for none at all. */
  votingRange(account: Account, project: string, label: string): readonly [number, number] | undefined {
    const everybody = this.#seed.registeredMayVote[label];
    const own = account.mayVote
      .filter(({ projects }) => matchesPattern(projects, project))
      .flatMap(({ labels }) => (labels[label] === undefined ? [] : [labels[label]]));
    const ranges = everybody === undefined ? own : [everybody, ...own];
    if (ranges.length === 0) return undefined;
    return [Math.min(...ranges.map(([min]) => min)), Math.max(...ranges.map(([, max]) => max))];
  }

  mayRead(account: Account | undefined, change: Change): boolean {
    if (!change.private) return true;
    if (account === undefined) return false;
    const involved =
      change.ownerId === account.id || change.reviewers.some(({ accountId }) => accountId === account.id);
    return involved || account.capabilities.administrate;
  }

  #load(): void {
    this.#accounts = this.#seed.accounts.map((account, index) => ({
      ...account,
      id: firstAccountId + index,
      httpPassword: account.httpPassword,
      registeredAt: this.#registeredAt,
    }));
  }
}

function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${source.join('.*')}$`).test(text);
}

function toLabel(name: string, { values, copyCondition }: Seed['labels'][string]): Label {
  const votes = Object.entries(values)
    .map(([value, text]): [number, string] => [Number(value), text])
    .toSorted(([left], [right]) => left - right);
  const numbers = votes.map(([value]) => value);
  return { name, min: Math.min(...numbers), max: Math.max(...numbers), values: new Map(votes), copyCondition };
}

/** ` 0`, `+1`, `-1`: how Gerrit writes a vote. */
export function voteText(value: number): string {
  if (value === 0) return ' 0';
  return value > 0 ? `+${value}` : String(value);
}
