import { Refusal, gerritVersion } from '../gerrit.ts';
import { addSshKey, getAccount, getAccountDetail, getCapabilities, getGroups } from './accounts.ts';
import type { RestCall } from './call.ts';
import * as actions from './change-actions.ts';
import * as changes from './changes.ts';
import * as projects from './projects.ts';
import { getRelated } from './related.ts';
import { json, text } from './reply.ts';
import type { Reply } from './reply.ts';

type Handler = (call: RestCall) => Reply | Promise<Reply>;

interface Route {
  readonly method: 'GET' | 'POST';
  /** `*` takes one part and hands it over. */
  readonly parts: readonly string[];
  readonly handler: Handler;
}

function route(method: Route['method'], path: string, handler: Handler): Route {
  return { method, parts: path.split('/'), handler };
}

const routes: readonly Route[] = [
  route('POST', 'changes/*/revisions/*/review', actions.review),
  route('GET', 'changes', changes.queryChanges),
  route('POST', 'changes', actions.create),
  route('GET', 'changes/*', changes.getChange),
  route('GET', 'changes/*/detail', changes.getChangeDetail),
  route('GET', 'changes/*/messages', changes.getMessages),
  route('GET', 'changes/*/comments', changes.getComments),
  route('GET', 'changes/*/revisions/*/commit', changes.getCommit),
  route('GET', 'changes/*/revisions/*/files', changes.getFiles),
  route('GET', 'changes/*/revisions/*/related', getRelated),
  route('GET', 'changes/*/revisions/*/robotcomments', changes.getRobotComments),
  route('GET', 'changes/*/revisions/*/*', changes.unknownView),
  route('GET', 'changes/*/*', changes.unknownView),
  route('POST', 'changes/*/abandon', actions.abandonChange),
  route('POST', 'changes/*/restore', actions.restoreChange),
  route('POST', 'changes/*/wip', actions.setWorkInProgress),
  route('POST', 'changes/*/ready', actions.setReadyForReview),
  route('POST', 'changes/*/private', actions.markPrivate),
  route('POST', 'changes/*/private.delete', actions.unmarkPrivate),
  route('POST', 'changes/*/submit', actions.submitChange),
  route('GET', 'config/server/version', () => json(gerritVersion)),
  route('GET', 'accounts/*', getAccount),
  route('GET', 'accounts/*/detail', getAccountDetail),
  route('GET', 'accounts/*/capabilities', getCapabilities),
  route('GET', 'accounts/*/groups', getGroups),
  route('POST', 'accounts/*/sshkeys', addSshKey),
  route('GET', 'projects', projects.listProjects),
  route('GET', 'projects/*', projects.getProject),
  route('GET', 'projects/*/branches', projects.listBranches),
  route('GET', 'projects/*/access', projects.getAccess),
];

const collections = new Set(routes.map(({ parts }) => parts[0] ?? ''));

/** First part of a path of the REST interface: tells it from a repository's path. */
export function isRestPath(path: string): boolean {
  return collections.has(path.split('/')[1] ?? '');
}

/** `path` is still encoded: a project's name is one part, its slash is `%2F`. A slash at the end does not count. */
export async function answer(method: string, path: string, call: Omit<RestCall, 'params'>): Promise<Reply> {
  const parts = path.replace(/\/$/, '').split('/').slice(1);
  const found = routes.find((candidate) => candidate.method === method && fits(candidate, parts));
  if (found === undefined) return text(404, 'Not Found');
  try {
    const params = found.parts.flatMap((part, index) => (part === '*' ? [decodeURIComponent(parts[index] ?? '')] : []));
    return await found.handler({ ...call, params });
  } catch (error) {
    if (error instanceof Refusal) return refusal(error);
    if (error instanceof URIError) return text(400, 'Malformed path');
    throw error;
  }
}

function fits({ parts: pattern }: Route, parts: readonly string[]): boolean {
  return pattern.length === parts.length && pattern.every((part, index) => part === '*' || part === parts[index]);
}

function refusal({ status, message, body }: Refusal): Reply {
  return body === undefined ? text(status, message) : json(body, status);
}
