import { z } from 'zod';
import type { RelatedChange } from '../../domain/dependencies.ts';
import { errorCode } from '../../domain/errors.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import type { FoundChange, ReviewTarget } from '../../ports/code-review.ts';
import { changeInfo, patchsetOf } from './change-schema.ts';
import type { ChangeInfo } from './change-schema.ts';
import { commitId, positive } from './fields.ts';
import { changePath } from './rest.ts';
import type { GerritRest } from './rest.ts';

const commit = z.object({ message: z.string() });

export async function commitMessage(rest: GerritRest, target: ReviewTarget): Promise<string> {
  const { message } = await rest.get(`${revisionPath(target)}/commit`, commit);
  return message;
}

const relatedChange = z.object({
  commit: z.object({ commit: commitId, parents: z.array(z.object({ commit: commitId })).default([]) }),
  // Without these it is a commit that no change has.
  _change_number: positive.optional(),
  _revision_number: positive.optional(),
  _current_revision_number: positive.optional(),
  status: z.string().optional(),
});

const related = z.object({ changes: z.array(relatedChange) });

export async function relatedChanges(rest: GerritRest, target: ReviewTarget): Promise<readonly RelatedChange[]> {
  const { changes } = await rest.get(`${revisionPath(target)}/related`, related);
  return changes.flatMap((one) => {
    const { commit: of, _change_number: number, _revision_number: patchset, _current_revision_number: current } = one;
    if (number === undefined || patchset === undefined) return [];
    return [
      {
        number,
        patchset,
        revision: of.commit,
        parents: of.parents.map((parent) => parent.commit),
        isMerged: one.status === 'MERGED',
        isOutdated: current !== undefined && current !== patchset,
      },
    ];
  });
}

/** One id names a few changes: the same one on other branches. */
const mostOfOneId = 50;
const options = 'o=CURRENT_REVISION&o=CURRENT_COMMIT&o=DETAILED_ACCOUNTS';

export async function findChanges(
  rest: GerritRest,
  access: GerritAccess,
  by: { readonly number: number } | { readonly changeId: string },
): Promise<readonly FoundChange[]> {
  const infos = 'number' in by ? await byNumber(rest, by.number) : await byChangeId(rest, by.changeId);
  return infos.flatMap((info) => toFoundChange(info, access));
}

/** Read from the change itself: Gerrit's index may lag behind. */
async function byNumber(rest: GerritRest, number: number): Promise<readonly ChangeInfo[]> {
  try {
    return [await rest.get(`/changes/${number}?${options}`, changeInfo)];
  } catch (error) {
    if (errorCode(error) === 'not-found') return [];
    throw error;
  }
}

function byChangeId(rest: GerritRest, changeId: string): Promise<readonly ChangeInfo[]> {
  const query = encodeURIComponent(`change:${changeId}`);
  return rest.get(`/changes/?q=${query}&${options}&n=${mostOfOneId}`, z.array(changeInfo));
}

function statusOf({ status }: ChangeInfo): FoundChange['status'] {
  if (status === 'MERGED') return 'merged';
  return status === 'ABANDONED' ? 'abandoned' : 'open';
}

function toFoundChange(info: ChangeInfo, access: GerritAccess): readonly FoundChange[] {
  const current = patchsetOf(info, undefined, access);
  if (!current) return [];
  const message = info.revisions?.[current.patchset.revision]?.commit?.message ?? '';
  return [{ patchset: current.patchset, message, status: statusOf(info), isPrivate: info.is_private }];
}

function revisionPath(target: ReviewTarget): string {
  return `${changePath(target)}/revisions/${target.revision}`;
}
