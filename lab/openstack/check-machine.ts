import { runCommand } from '../gerrit/run-command.ts';
import { toolPath } from './place.ts';

const trial = `set -e
mount -t tmpfs trial /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work trial /mnt/root
ip link add bridge type bridge
ip link add inside type veth peer name outside`;

/** The machine, not the project, is what is wrong. */
export class MachineForbids extends Error {}

/** Throws when this machine does not allow the namespaces and mounts that servers of the lab are made of. */
export async function checkMachine(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new MachineForbids('The lab of OpenStack needs root: its servers are Linux namespaces.');
  try {
    await runCommand('unshare', ['--mount', '--net', '--uts', '--ipc', '--pid', '--fork', '/bin/bash', '-c', trial], {
      env: { PATH: toolPath },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MachineForbids(
      `The lab of OpenStack needs mounts (tmpfs, overlay), namespaces and network devices, which this machine forbids. In a container it takes --privileged. ${why}`,
      { cause: error },
    );
  }
}
