import { z } from 'zod';
import type { ReviewTarget } from '../../ports/code-review.ts';
import { cleanText } from './clean-text.ts';
import { changePath } from './rest.ts';
import type { GerritRest } from './rest.ts';

const longestPath = 4096;

const fileInfos = z.record(z.string(), z.object({ old_path: z.string().optional() }));

/** Paths a patchset touches against its parent, a renamed file by both names. Of a merge Gerrit tells only conflicts: nothing is answered. */
export async function changedFiles(rest: GerritRest, target: ReviewTarget): Promise<readonly string[]> {
  const infos = await rest.get(`${changePath(target)}/revisions/${target.revision}/files`, fileInfos);
  if (Object.hasOwn(infos, '/MERGE_LIST')) return [];
  const paths = Object.entries(infos)
    // Gerrit's own, such as `/COMMIT_MSG`, are no files.
    .filter(([path]) => !path.startsWith('/'))
    .flatMap(([path, { old_path: oldPath }]) => (oldPath === undefined ? [path] : [path, oldPath]));
  return paths.map((path) => cleanText(path, longestPath));
}
