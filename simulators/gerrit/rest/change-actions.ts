import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { changeInput, createChange } from '../actions/create-change.ts';
import { abandon, restore, setWip } from '../actions/lifecycle.ts';
import { setPrivate } from '../actions/privacy.ts';
import { postReview } from '../actions/review.ts';
import { reviewInput } from '../actions/review-input.ts';
import { submit } from '../actions/submit.ts';
import { Refusal } from '../gerrit.ts';
import type { Change } from '../state/model.ts';
import { findChange, findPatchset, requireViewer } from './call.ts';
import type { RestCall } from './call.ts';
import { changeInfo } from './change-info.ts';
import { json } from './reply.ts';
import type { Reply } from './reply.ts';

const noOptions: ReadonlySet<never> = new Set();
const reasonInput = z.object({ message: z.string().nullish() });

/** JSON, or a form whose fields are the same, or plain text for the one field that is Gerrit's default input. */
async function input<T>(call: RestCall, schema: z.ZodType<T>, defaultField: string): Promise<T> {
  const body = (await call.body()).toString('utf8');
  try {
    return schema.parse(decode(call.contentType, body, defaultField));
  } catch {
    throw new Refusal(400, 'Invalid application/json in request');
  }
}

function decode(contentType: string, body: string, defaultField: string): unknown {
  if (body.trim() === '') return {};
  if (contentType.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(body));
  if (contentType.startsWith('text/plain')) return { [defaultField]: body };
  return JSON.parse(body);
}

export async function review(call: RestCall): Promise<Reply> {
  const { gerrit, viewer } = call;
  const account = requireViewer(viewer);
  const refused = gerrit.faults.takeRefusal();
  if (refused !== undefined) throw new Refusal(refused, 'refused by the simulator');
  const wanted = await input(call, reviewInput, 'message');
  if (gerrit.faults.delayReviewsMs > 0) await delay(gerrit.faults.delayReviewsMs);
  const change = findChange(call);
  const patchset = findPatchset(change, call.params[1] ?? '');
  const { labels, change: after } = postReview(gerrit, account, { change, patchset }, wanted);
  if (gerrit.faults.takeLostReply()) return { kind: 'lost' };
  const change_info = changeInfo({ gerrit, viewer, options: noOptions }, after);
  return json({ ...(labels === undefined ? {} : { labels }), change_info });
}

function shown({ gerrit, viewer }: RestCall, change: Change, status = 200): Reply {
  return json(changeInfo({ gerrit, viewer, options: noOptions }, change), status);
}

export async function create(call: RestCall): Promise<Reply> {
  const account = requireViewer(call.viewer);
  return shown(call, await createChange(call.gerrit, account, await input(call, changeInput, 'subject')), 201);
}

async function reason(call: RestCall): Promise<string> {
  return (await input(call, reasonInput, 'message')).message ?? '';
}

export async function abandonChange(call: RestCall): Promise<Reply> {
  const account = requireViewer(call.viewer);
  const text = await reason(call);
  return shown(call, abandon(call.gerrit, account, findChange(call), text));
}

export async function restoreChange(call: RestCall): Promise<Reply> {
  const account = requireViewer(call.viewer);
  const text = await reason(call);
  return shown(call, restore(call.gerrit, account, findChange(call), text));
}

async function changeWip(call: RestCall, wip: boolean): Promise<Reply> {
  const account = requireViewer(call.viewer);
  const text = await reason(call);
  setWip(call.gerrit, account, findChange(call), { wip, reason: text });
  return json('');
}

export function setWorkInProgress(call: RestCall): Promise<Reply> {
  return changeWip(call, true);
}

export function setReadyForReview(call: RestCall): Promise<Reply> {
  return changeWip(call, false);
}

async function changePrivacy(call: RestCall, isPrivate: boolean): Promise<Reply> {
  const account = requireViewer(call.viewer);
  const text = await reason(call);
  setPrivate(call.gerrit, account, findChange(call), { isPrivate, reason: text });
  return json('', isPrivate ? 201 : 204);
}

export function markPrivate(call: RestCall): Promise<Reply> {
  return changePrivacy(call, true);
}

export function unmarkPrivate(call: RestCall): Promise<Reply> {
  return changePrivacy(call, false);
}

export async function submitChange(call: RestCall): Promise<Reply> {
  const account = requireViewer(call.viewer);
  await call.body();
  return shown(call, await submit(call.gerrit, account, findChange(call)));
}
