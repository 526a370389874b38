import type { ProposedChange } from './propose-changes.ts';

export interface GerritView {
  readonly number: number;
  readonly votes: Readonly<Record<string, number>>;
  /** The CI's comments, oldest first. */
  readonly comments: readonly string[];
}

interface ChangeInfo {
  readonly _number: number;
  readonly labels: Readonly<
    Record<string, { readonly all?: readonly { readonly username?: string; readonly value?: number }[] }>
  >;
  readonly messages: readonly { readonly author?: { readonly username?: string }; readonly message: string }[];
}

const ciAccount = 'example-zvm-ci';

/** What Gerrit itself says about a change: the sample is judged by it, not by what sidegate believes. */
export async function readVotes(
  gerritUrl: string,
  change: Pick<ProposedChange, 'changeId'>,
): Promise<GerritView | undefined> {
  const query = `q=change:${change.changeId}&o=DETAILED_LABELS&o=MESSAGES&o=DETAILED_ACCOUNTS`;
  const response = await fetch(`${gerritUrl}/changes/?${query}`);
  const text = await response.text();
  const [info] = JSON.parse(text.replace(/^\)\]\}'/, '')) as ChangeInfo[];
  if (!info) return undefined;
  const votes = Object.entries(info.labels).flatMap(([label, { all = [] }]) => {
    const value = all.find(({ username }) => username === ciAccount)?.value ?? 0;
    return value === 0 ? [] : [[label, value] as const];
  });
  const comments = info.messages.filter(({ author }) => author?.username === ciAccount).map(({ message }) => message);
  return { number: info._number, votes: Object.fromEntries(votes), comments };
}
