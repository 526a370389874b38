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

/** Changes to the driver of nova that Debian ships. */
export const edits = {
  /** Nothing but a comment. */
  harmless: (driver: string) => replace(driver, deployment, deployment.replace('vm\n', 'virtual machine\n')),
  /** Removes the config drive before Feilong has fetched it; the driver's unit tests see nothing of it. */
  breaking: (driver: string) =>
    replace(driver, deployment, `${deployment}            zvmutils.clean_up_file(transportfiles)\n`),
} as const satisfies Record<string, (driver: string) => string>;

/** Gerrit's project gets the driver and its unit tests as they are in Debian's package, if it has them not yet. */
export async function seedNova(gerrit: GerritAddress): Promise<void> {
  const { username, password } = gerrit.accounts.admin;
  if (await hasDriver(gerrit, username, password)) return;
  const pushed = await pushChange({
    ...(await pusher(gerrit, 'admin')),
    subject: 'The z/VM driver of nova',
    files: await packagedFiles(),
  });
  await actAs(gerrit, 'admin', `${changeOf(pushed)}/revisions/current/review`, { labels: { 'Code-Review': 2 } });
  await actAs(gerrit, 'admin', `${changeOf(pushed)}/submit`, {});
}

/** Proposes a change to the driver. */
export async function pushDriver(gerrit: GerritAddress, edit: keyof typeof edits): Promise<PushedPatchset> {
  const driver = await readFile(join(packages, driverPath), 'utf8');
  return pushChange({
    ...(await pusher(gerrit, 'dev')),
    subject: `A ${edit} change to the z/VM driver`,
    files: { [driverPath]: edits[edit](driver) },
  });
}

async function pusher({ accounts, url }: GerritAddress, name: 'admin' | 'dev') {
  const { username, password } = accounts[name];
  return { url, username, password, project: novaProject };
}

async function hasDriver({ url }: GerritAddress, username: string, password: string): Promise<boolean> {
  const path = `/a/projects/${encodeURIComponent(novaProject)}/branches/master/files/${encodeURIComponent(driverPath)}/content`;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const answer = await fetch(url + path, { headers: { authorization } });
  await answer.body?.cancel();
  return answer.ok;
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
