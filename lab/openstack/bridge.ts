import { runCommand } from '../gerrit/run-command.ts';
import { findProcesses } from './processes.ts';

const PREFIX = 'sglab';
const HIGHEST = 199;

/** Networks of the cloud whose bridge is `sglabN`, or of one without. 198.18.0.0/15 is set aside for tests of networks (RFC 2544). */
export function addressesOf(bridge: string | undefined): { readonly lan: string; readonly public: string } {
  const number = bridge?.slice(PREFIX.length) ?? '254';
  return { lan: `198.18.${number}`, public: `198.19.${number}` };
}

/** Makes this host part of the servers' network, by the first bridge name that is free. */
export async function addBridge(root: string): Promise<string> {
  await removeOrphans();
  for (let number = 0; number <= HIGHEST; number++) {
    const bridge = `${PREFIX}${number}`;
    // `ip` fails when it exists: this is also how two clouds started at once get two numbers.
    const added = await ip('link', 'add', bridge, 'type', 'bridge').then(
      () => true,
      (error: unknown) => {
        if (String(error).includes('File exists')) return false;
        throw error;
      },
    );
    if (!added) continue;
    await ip('link', 'set', bridge, 'alias', root);
    await ip('addr', 'add', `${addressesOf(bridge).lan}.1/24`, 'dev', bridge);
    await ip('link', 'set', bridge, 'up');
    return bridge;
  }
  throw new Error(`all bridges from ${PREFIX}0 to ${PREFIX}${HIGHEST} exist`);
}

export async function removeBridges(root: string): Promise<void> {
  for (const { name, alias } of await listBridges()) if (alias === root) await remove(name);
}

/** Of clouds whose starter and whose guard were both killed. */
async function removeOrphans(): Promise<void> {
  for (const { name, alias } of await listBridges())
    if (alias !== '' && findProcesses(alias).length === 0) await remove(name);
}

async function remove(bridge: string): Promise<void> {
  await ip('link', 'delete', bridge).catch((error: unknown) => {
    if (!String(error).includes('Cannot find device')) throw error;
  });
}

async function listBridges(): Promise<readonly { name: string; alias: string }[]> {
  const listed = JSON.parse((await ip('-json', 'link', 'show', 'type', 'bridge')) || '[]') as {
    ifname?: string;
    ifalias?: string;
  }[];
  return listed.flatMap(({ ifname = '', ifalias = '' }) =>
    ifname.startsWith(PREFIX) ? [{ name: ifname, alias: ifalias }] : [],
  );
}

function ip(...args: string[]): Promise<string> {
  return runCommand('ip', args);
}
