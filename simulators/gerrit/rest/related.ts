import { restTime } from '../query/times.ts';
import { currentPatchset, subjectOf } from '../state/model.ts';
import type { Change, Patchset } from '../state/model.ts';
import { findChange, findPatchset } from './call.ts';
import type { RestCall } from './call.ts';
import { json } from './reply.ts';
import type { Reply } from './reply.ts';

interface Link {
  readonly change: Change;
  readonly patchset: Patchset;
}

/**
 * The relation chain, newest first: what the patchset is based on, and what is based on it. Alone it is none. What was merged before the
 * patchset was pushed is part of the branch, not of the chain.
 */
export function getRelated(call: RestCall): Reply {
  const change = findChange(call);
  const patchset = findPatchset(change, call.params[1] ?? '');
  const self = { change, patchset };
  const chain = [...descendants(call, self).toReversed(), self, ...ancestors(call, self)];
  return json({ changes: chain.length === 1 ? [] : chain.map(relatedInfo) });
}

function ancestors({ gerrit, viewer }: RestCall, { change, patchset }: Link): Link[] {
  const found: Link[] = [];
  const waiting = patchset.parents.map(({ commit }) => commit);
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const above = gerrit.store.byRevision(change.project, next);
    if (above === undefined || !gerrit.accounts.mayRead(viewer, above.change)) continue;
    if ((above.change.submittedAt ?? Infinity) <= patchset.createdAt) continue;
    const link = { change: above.change, patchset: findPatchset(above.change, String(above.patchset)) };
    if (found.some((one) => one.change === link.change)) continue;
    found.push(link);
    waiting.push(...link.patchset.parents.map(({ commit }) => commit));
  }
  return found;
}

function descendants({ gerrit, viewer }: RestCall, { change, patchset }: Link): Link[] {
  const byParent = Map.groupBy(
    [...gerrit.store.all()].filter((other) => other.project === change.project && other !== change),
    (other) => currentPatchset(other).parents[0]?.commit ?? '',
  );
  const found: Link[] = [];
  const waiting = [patchset.revision];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
    for (const child of byParent.get(next) ?? []) {
      if (!gerrit.accounts.mayRead(viewer, child)) continue;
      found.push({ change: child, patchset: currentPatchset(child) });
      waiting.push(currentPatchset(child).revision);
    }
  return found;
}

function relatedInfo({ change, patchset }: Link) {
  const { name, email, date, tz } = patchset.author;
  return {
    project: change.project,
    change_id: change.changeId,
    commit: {
      commit: patchset.revision,
      parents: patchset.parents.map(({ commit }) => ({ commit })),
      author: { name, email, date: restTime(date), tz },
      subject: subjectOf(patchset.message),
    },
    _change_number: change.number,
    _revision_number: patchset.number,
    _current_revision_number: currentPatchset(change).number,
    status: change.status,
  };
}
