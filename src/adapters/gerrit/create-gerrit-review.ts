import type { ChangeEvent } from '../../domain/event.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import type { CodeReview, KnownMessages } from '../../ports/code-review.ts';
import type { Logger } from '../../shared/logger.ts';
import { branchTips } from './branch-tips.ts';
import { changeEvents, commentNames } from './change-events.ts';
import { changedFiles } from './changed-files.ts';
import { commitMessage, findChanges, relatedChanges } from './dependencies.ts';
import { openEventStream } from './event-stream.ts';
import { currentPatchset } from './current-patchset.ts';
import { findPatchset } from './find-patchset.ts';
import { messagesBy } from './messages-by.ts';
import { openPatchsets } from './open-patchsets.ts';
import { hasOwnComment } from './own-comments.ts';
import { parseEvent } from './parse-event.ts';
import { postReview } from './post-review.ts';
import { changesSince } from './query-changes.ts';
import { createGerritRest } from './rest.ts';
import type { GerritRest } from './rest.ts';

/** One Gerrit: events over SSH, everything else over REST. */
export function createGerritReview(access: GerritAccess, logger?: Logger): CodeReview {
  const rest = createGerritRest(access);
  return {
    name: access.name,
    fetchUrl: access.url,
    openStream: (options) => openEventStream(access, { ...options, logger }),
    parseLine: (line) => parseEvent(line, access),
    eventsSince: (since, projects, known) => eventsSince(rest, access, { since, projects, known }, logger),
    branchTips: (project) => branchTips(rest, access, project),
    openPatchsets: (since, projects) => openPatchsets(rest, access, { since, projects }, logger),
    findPatchset: (change, patchset) => findPatchset(rest, access, { change, patchset }),
    changedFiles: (target) => changedFiles(rest, target),
    commitMessage: (target) => commitMessage(rest, target),
    relatedChanges: (target) => relatedChanges(rest, target),
    findChanges: (by) => findChanges(rest, access, by),
    postReview: (review) => postReview(rest, review),
    currentPatchset: (target) => currentPatchset(rest, target),
    messagesBy: (account, target) => messagesBy(rest, account, target),
    hasOwnComment: (target, marker) => hasOwnComment(rest, access.username, target, marker),
  };
}

async function* eventsSince(
  rest: GerritRest,
  access: GerritAccess,
  scope: {
    readonly since: number;
    readonly projects: readonly string[];
    readonly known: KnownMessages | undefined;
  },
  logger: Logger | undefined,
): AsyncGenerator<ChangeEvent> {
  // Gerrit's clock has whole seconds.
  const since = Math.floor(scope.since / 1000) * 1000;
  const infos = await changesSince(rest, { ...scope, since }, logger);
  const known = (await scope.known?.(infos.flatMap((info) => commentNames(info, since)))) ?? new Set<string>();
  const events: ChangeEvent[] = [];
  for (const info of infos) events.push(...(await changeEvents(rest, access, info, { since, known })));
  yield* events.sort((a, b) => a.createdAt - b.createdAt);
}
