import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { now, Refusal } from '../gerrit.ts';
import type { Gerrit } from '../gerrit.ts';
import { footers } from '../git/commit-message.ts';
import { branchTip, createRef } from '../git/refs.ts';
import { writeCommit } from '../git/write-commit.ts';
import type { Account, Change } from '../state/model.ts';
import { announceUploads, patchsetRef, storeUpload } from './new-patchset.ts';

export const changeInput = z.object({
  project: z.string(),
  branch: z.string(),
  subject: z.string().min(1),
  topic: z.string().nullish(),
  work_in_progress: z.boolean().nullish(),
  is_private: z.boolean().nullish(),
});

/** Makes a change with an empty commit on top of its branch, as `POST /changes/` does. */
export async function createChange(
  gerrit: Gerrit,
  account: Account,
  input: z.output<typeof changeInput>,
): Promise<Change> {
  const { project } = input;
  const branch = input.branch.replace(/^refs\/heads\//, '');
  if (!gerrit.repositories.has(project)) throw new Refusal(422, `Project Not Found: ${project}`);
  return gerrit.repositories.exclusively(project, async () => {
    const directory = gerrit.repositories.path(project);
    const head = await branchTip(directory, branch);
    if (head === undefined) throw new Refusal(400, `Destination branch does not exist refs/heads/${branch}`);
    const { message, changeId } = withChangeId(input.subject);
    const person = { name: account.name, email: account.email, date: now(), tz: 0 };
    const parents = [{ commit: head.commit, subject: head.subject }];
    const text = { author: person, committer: person, message, files: [] };
    const commit = writeCommit(directory, { tree: head.tree, parents, ...text });
    const number = gerrit.store.takeNumber();
    createRef(directory, patchsetRef(number, 1), commit.revision);
    const options = {
      branch,
      hashtags: [],
      wip: input.work_in_progress ?? false,
      private: input.is_private ?? false,
      ...(input.topic ? { topic: input.topic } : {}),
    };
    const upload = { project, changeId, number, change: undefined, commit, kind: 'REWORK' as const, options };
    const uploaded = storeUpload(gerrit, account, upload);
    await announceUploads(gerrit, account, [uploaded]);
    return uploaded.after;
  });
}

function withChangeId(subject: string): { message: string; changeId: string } {
  const message = `${subject.trimEnd()}\n`;
  const given = footers(message).findLast(({ name }) => name === 'Change-Id')?.value;
  if (given !== undefined) return { message, changeId: given };
  const changeId = `I${createHash('sha1').update(randomBytes(20)).digest('hex')}`;
  return { message: `${message}\nChange-Id: ${changeId}\n`, changeId };
}
