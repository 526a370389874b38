import type { ReviewEvent } from '../../domain/event.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import type { CodeReview } from '../../ports/code-review.ts';
import type { Logger } from '../../shared/logger.ts';
import { changeEvents } from './change-events.ts';
import { changedFiles } from './changed-files.ts';
import { commitMessage, findChanges, relatedChanges } from './dependencies.ts';
import { openEventStream } from './event-stream.ts';
import { findPatchset } from './find-patchset.ts';
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
    eventsSince: (since, projects) => eventsSince(rest, access, { since, projects }, logger),
    openPatchsets: (since, projects) => openPatchsets(rest, access, { since, projects }, logger),
    findPatchset: (change, patchset) => findPatchset(rest, access, { change, patchset }),
    changedFiles: (target) => changedFiles(rest, target),
    commitMessage: (target) => commitMessage(rest, target),
    relatedChanges: (target) => relatedChanges(rest, target),
    findChanges: (by) => findChanges(rest, access, by),
    postReview: (review) => postReview(rest, review),
    hasOwnComment: (target, marker) => hasOwnComment(rest, access.username, target, marker),
  };
}

async function* eventsSince(
  rest: GerritRest,
  access: GerritAccess,
  scope: { readonly since: number; readonly projects: readonly string[] },
  logger: Logger | undefined,
): AsyncGenerator<ReviewEvent> {
  // Gerrit's clock has whole seconds.
  const since = Math.floor(scope.since / 1000) * 1000;
  const events: ReviewEvent[] = [];
  for (const info of await changesSince(rest, { ...scope, since }, logger)) {
    events.push(...(await changeEvents(rest, access, info, since)));
  }
  yield* events.sort((a, b) => a.createdAt - b.createdAt);
}
