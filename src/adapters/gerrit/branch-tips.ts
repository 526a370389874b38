import { z } from 'zod';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import type { BranchTip } from '../../domain/tested-ref.ts';
import { plainName } from './fields.ts';
import type { GerritRest } from './rest.ts';

/** Its first one is `HEAD`, whose revision is the name of a branch. */
const branches = z.array(z.object({ ref: plainName, revision: z.string() }));

export async function branchTips(
  rest: GerritRest,
  { name: connection }: GerritAccess,
  project: string,
): Promise<readonly BranchTip[]> {
  const found = await rest.get(`/projects/${encodeURIComponent(project)}/branches/`, branches);
  return found.flatMap(({ ref, revision }) => toBranchTip({ connection, project, ref, revision }) ?? []);
}

const prefix = 'refs/heads/';

/** Undefined: the ref is no branch, or there is nothing on it any more. */
export function toBranchTip(ref: Omit<BranchTip, 'branch'>): BranchTip | undefined {
  if (!ref.ref.startsWith(prefix) || ref.ref === prefix) return undefined;
  if (!/^[0-9a-f]{40}$/.test(ref.revision) || /^0+$/.test(ref.revision)) return undefined;
  return { ...ref, branch: ref.ref.slice(prefix.length) };
}
