import type { AccountName } from './accounts.ts';
import type { PushedPatchset } from './push-change.ts';
import type { GerritAddress } from './start-gerrit.ts';

/** Any Gerrit with the seeded accounts, the simulator too. */
type Reviewed = Pick<GerritAddress, 'url' | 'accounts'>;

/** Does to a change what a person would do in the browser, over REST. */
export async function actAs(gerrit: Reviewed, name: AccountName, path: string, body: object): Promise<void> {
  const { username, password } = gerrit.accounts[name];
  const answer = await fetch(`${gerrit.url}/a${path}`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 500)}`);
}

export function commentAs(gerrit: Reviewed, name: AccountName, pushed: PushedPatchset, body: object): Promise<void> {
  return actAs(gerrit, name, `${changeOf(pushed)}/revisions/${pushed.revision}/review`, body);
}

/** `/changes/PROJECT~NUMBER`. */
export function changeOf(pushed: PushedPatchset): string {
  return `/changes/${encodeURIComponent(pushed.project)}~${pushed.change}`;
}
