import { SidegateError } from '../../domain/errors.ts';
import type { PatchsetEvent } from '../../domain/event.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import { changeInfo, factsOf, patchsetOf } from './change-schema.ts';
import type { GerritRest } from './rest.ts';

export async function findPatchset(
  rest: GerritRest,
  access: GerritAccess,
  target: { readonly change: number; readonly patchset: number | undefined },
): Promise<PatchsetEvent> {
  const revisions = target.patchset === undefined ? 'CURRENT_REVISION' : 'ALL_REVISIONS';
  const info = await rest.get(`/changes/${target.change}?o=${revisions}&o=DETAILED_ACCOUNTS`, changeInfo);
  const found = patchsetOf(info, target.patchset, access);
  if (!found)
    throw new SidegateError('not-found', `Change ${target.change} has no patchset ${target.patchset ?? 'we may see'}.`);
  return { type: 'patchset-created', ...found, facts: factsOf(info) };
}
