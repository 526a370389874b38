import { Refusal } from '../gerrit.ts';
import { runQuery } from '../query/run.ts';
import type { Found } from '../query/run.ts';
import { restTime } from '../query/times.ts';
import type { Comment } from '../state/model.ts';
import { accountInfo } from './accounts.ts';
import { findChange, findPatchset } from './call.ts';
import type { RestCall } from './call.ts';
import { changeInfo, messageInfo } from './change-info.ts';
import { changeOptions, detailOptions } from './options.ts';
import type { ChangeOption } from './options.ts';
import { json } from './reply.ts';
import type { Reply } from './reply.ts';
import { commitInfo, commitMessageInfo, fileInfos } from './revision-info.ts';
import type { View } from './view.ts';

function view({ gerrit, viewer }: RestCall, options: ReadonlySet<ChangeOption>): View {
  return { gerrit, viewer, options };
}

/** One `q` gives an array, several an array of arrays. */
export function queryChanges(call: RestCall): Reply {
  const { query, gerrit, viewer } = call;
  const options = changeOptions(query);
  if (query.has('skip-visibility') && !viewer?.capabilities.administrate) {
    const exception = 'com.google.gerrit.extensions.restapi.AuthException';
    throw new Refusal(400, `${exception}: administrate server not permitted`);
  }
  const page = { start: count(query, ['S', 'start']) ?? 0, limit: count(query, ['n', 'limit']) };
  const texts = query.getAll('q').length === 0 ? ['status:open'] : query.getAll('q');
  const results = texts.map((text) => rows(view(call, options), runQuery({ gerrit, viewer }, text, page)));
  return json(results.length === 1 ? results[0] : results);
}

function count(query: URLSearchParams, names: readonly string[]): number | undefined {
  const name = names.find((candidate) => query.has(candidate));
  if (name === undefined) return undefined;
  const value = query.get(name) ?? '';
  if (!/^\d{1,9}$/.test(value)) throw new Refusal(400, `"${value}" is not a valid value for "-${name}"`);
  return Number(value);
}

function rows(shown: View, { changes, more }: Found) {
  return changes.map((change, index) => changeInfo(shown, change, more && index === changes.length - 1));
}

export function getChange(call: RestCall): Reply {
  return json(changeInfo(view(call, changeOptions(call.query)), findChange(call)));
}

export function getChangeDetail(call: RestCall): Reply {
  const options = new Set([...changeOptions(call.query), ...detailOptions]);
  return json(changeInfo(view(call, options), findChange(call)));
}

export function getMessages(call: RestCall): Reply {
  const shown = view(call, new Set<ChangeOption>(['DETAILED_ACCOUNTS']));
  return json(findChange(call).messages.map((message) => messageInfo(shown, message)));
}

export function getComments(call: RestCall): Reply {
  const change = findChange(call);
  const info = (comment: Comment) => ({
    author: accountInfo(call.gerrit.accounts.byId(comment.authorId), true),
    change_message_id: comment.messageId,
    unresolved: comment.unresolved,
    patch_set: comment.patchset,
    id: comment.id,
    ...(comment.line === undefined ? {} : { line: comment.line }),
    ...(comment.inReplyTo === undefined ? {} : { in_reply_to: comment.inReplyTo }),
    updated: restTime(comment.at),
    message: comment.message,
    commit_id: findPatchset(change, String(comment.patchset)).revision,
  });
  const byPath = Map.groupBy(change.comments, ({ path }) => path);
  const sorted = [...byPath].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return json(Object.fromEntries(sorted.map(([path, comments]) => [path, comments.map(info)])));
}

export function getCommit(call: RestCall): Reply {
  const patchset = findPatchset(findChange(call), call.params[1] ?? '');
  return json({ commit: patchset.revision, ...commitInfo(patchset) });
}

export function getFiles(call: RestCall): Reply {
  const refused = call.gerrit.faults.takeFileRefusal();
  if (refused !== undefined) throw new Refusal(refused, 'refused by the simulator');
  const patchset = findPatchset(findChange(call), call.params[1] ?? '');
  return json({ '/COMMIT_MSG': commitMessageInfo(patchset), ...fileInfos(patchset) });
}

export function getRobotComments(call: RestCall): Reply {
  findPatchset(findChange(call), call.params[1] ?? '');
  throw new Refusal(404, 'robot comments unsupported');
}

/** Any other path below a change: Gerrit names the part it does not know. */
export function unknownView(call: RestCall): Reply {
  findChange(call);
  throw new Refusal(404, `Not found: ${call.params.at(-1)}`);
}
