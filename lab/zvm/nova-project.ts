import { randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pushChange } from '../gerrit/push-change.ts';
import type { PushedPatchset } from '../gerrit/push-change.ts';
import { actAs, changeOf } from '../gerrit/review-as.ts';
import type { GerritAddress } from '../gerrit/start-gerrit.ts';

export const novaProject = 'openstack/nova-zvm';

const packages = '/usr/lib/python3/dist-packages';
const folders = ['nova/virt/zvm', 'nova/tests/unit/virt/zvm'];
const driverPath = 'nova/virt/zvm/driver.py';

/** Where the driver hands a guest to Feilong. */
const deployment = '            # Deploy image to the guest vm\n';

/** Who pushes. */
export type Person = 'admin' | 'dev';

/** Changes to the driver of nova that Debian ships. */
export const edits = {
  /** Nothing but a comment. */
  harmless: (driver: string) => replace(driver, deployment, deployment.replace('vm\n', 'virtual machine\n')),
  /** Removes the config drive before Feilong has fetched it; the driver's unit tests see nothing of it. */
  breaking: (driver: string) =>
    replace(driver, deployment, `${deployment}            zvmutils.clean_up_file(transportfiles)\n`),
} as const satisfies Record<string, (driver: string) => string>;

/**
 * A new branch of Gerrit's project, with the driver and its unit tests as they are in Debian's package. One for each story: a sidegate without
 * a past looks for what it missed in the last minutes, and would test the changes of the story before.
 */
export async function addBranch(gerrit: GerritAddress): Promise<string> {
  if (!(await hasDriver(gerrit))) await addDriver(gerrit);
  const branch = `story-${randomUUID().slice(0, 8)}`;
  const answer = await ask(gerrit, 'PUT', `/branches/${branch}`, { revision: 'master' });
  if (!answer.ok) throw new Error(`branch ${branch}: ${answer.status} ${await answer.text()}`);
  return branch;
}

async function addDriver(gerrit: GerritAddress): Promise<void> {
  const pushed = await pushChange({
    ...pusher(gerrit, 'admin'),
    subject: 'The z/VM driver of nova',
    files: await packagedFiles(),
  });
  await actAs(gerrit, 'admin', `${changeOf(pushed)}/revisions/current/review`, { labels: { 'Code-Review': 2 } });
  await actAs(gerrit, 'admin', `${changeOf(pushed)}/submit`, {});
}

/** Proposes a change to the driver. */
export async function pushDriver(
  gerrit: GerritAddress,
  branch: string,
  edit: keyof typeof edits,
  person: Person = 'dev',
): Promise<PushedPatchset> {
  const driver = await readFile(join(packages, driverPath), 'utf8');
  return pushChange({
    ...pusher(gerrit, person),
    branch,
    subject: `A ${edit} change to the z/VM driver`,
    files: { [driverPath]: edits[edit](driver) },
  });
}

function pusher({ accounts, url }: GerritAddress, name: Person) {
  const { username, password } = accounts[name];
  return { url, username, password, project: novaProject };
}

async function hasDriver(gerrit: GerritAddress): Promise<boolean> {
  const answer = await ask(gerrit, 'GET', `/branches/master/files/${encodeURIComponent(driverPath)}/content`);
  await answer.body?.cancel();
  return answer.ok;
}

function ask({ accounts, url }: GerritAddress, method: string, path: string, body?: object): Promise<Response> {
  const { username, password } = accounts.admin;
  return fetch(`${url}/a/projects/${encodeURIComponent(novaProject)}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function packagedFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const folder of folders)
    for (const name of await readdir(join(packages, folder)))
      if (name.endsWith('.py')) files[`${folder}/${name}`] = await readFile(join(packages, folder, name), 'utf8');
  return files;
}

function replace(text: string, old: string, replacement: string): string {
  if (!text.includes(old)) throw new Error(`nova's z/VM driver has changed: ${JSON.stringify(old)} is not in it`);
  return text.replace(old, replacement);
}
