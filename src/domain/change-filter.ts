import type { ChangeFacts } from './event.ts';
import { anyGlobMatches } from './glob.ts';
import type { Patchset } from './patchset.ts';
import type { ChangeFilter, ProjectSettings } from './settings.ts';

export interface Filtered {
  readonly passed: readonly ProjectSettings[];
  /** Why the first one that did not pass did not; a sentence's end. */
  readonly reason: string;
}

/** Entries of a project whose filter lets the change through. What is not known of it keeps nothing out. */
export function filterEntries(
  entries: readonly ProjectSettings[],
  { owner }: Pick<Patchset, 'owner'>,
  facts: ChangeFacts | undefined,
): Filtered {
  return passUnless(entries, ({ filter }) => whyNot(filter, owner, facts));
}

/** `whyNot` says what keeps an entry out; undefined: nothing. */
export function passUnless(
  entries: readonly ProjectSettings[],
  whyNot: (entry: ProjectSettings) => string | undefined,
): Filtered {
  const passed: ProjectSettings[] = [];
  let reason = '';
  for (const entry of entries) {
    const why = whyNot(entry);
    if (why === undefined) passed.push(entry);
    else reason ||= why;
  }
  return { passed, reason };
}

function whyNot(filter: ChangeFilter, owner: string, facts: ChangeFacts | undefined): string | undefined {
  if (filter.owners && !matchesAny(filter.owners, [owner])) return `changes of ${owner} are not tested here.`;
  return facts && (whyHidden(filter, facts) ?? whyOffTopic(filter, facts));
}

function whyHidden(filter: ChangeFilter, facts: ChangeFacts): string | undefined {
  if (facts.isPrivate && !filter.private) return 'private changes are not tested here.';
  if (facts.isWorkInProgress && !filter.workInProgress) return 'work in progress is not tested here.';
  return undefined;
}

function whyOffTopic({ hashtags, topics }: ChangeFilter, facts: ChangeFacts): string | undefined {
  if (topics && !matchesAny(topics, facts.topic === undefined ? [] : [facts.topic]))
    return 'its topic is none that is tested here.';
  if (hashtags && !matchesAny(hashtags, facts.hashtags)) return 'it has no hashtag that is tested here.';
  return undefined;
}

function matchesAny(patterns: readonly string[], texts: readonly string[]): boolean {
  return texts.some((text) => anyGlobMatches(patterns, text));
}
