import type { GerritAddress } from './start-gerrit.ts';

/** A branch beside `master`, where there is none of that name: who tests another one leaves its changes alone. */
export async function addBranch(
  gerrit: Pick<GerritAddress, 'url' | 'accounts'>,
  project: string,
  branch: string,
): Promise<void> {
  const { username, password } = gerrit.accounts.admin;
  const headers = {
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    'content-type': 'application/json',
  };
  const branches = `${gerrit.url}/a/projects/${encodeURIComponent(project)}/branches`;
  const known = await (await fetch(`${branches}/`, { headers })).text();
  if (known.includes(`"refs/heads/${branch}"`)) return;
  const body = JSON.stringify({ revision: 'master' });
  const answer = await fetch(`${branches}/${branch}`, { method: 'PUT', headers, body });
  if (!answer.ok) throw new Error(`branch ${branch}: ${answer.status} ${await answer.text()}`);
}
