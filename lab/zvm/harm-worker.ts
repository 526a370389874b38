import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../gerrit/run-command.ts';
import type { RealOpenstack } from '../openstack/start-openstack.ts';

/** SIGKILL to the tempest of one build, as the kernel does it when memory is short. Its worker is namespaces of this host. Answers whether it ran. */
export function killTempest(buildId: string): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isTempest(name, buildId));
  for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
  return pids.length > 0;
}

/** That runs tests; the one that lists them is another. */
function isTempest(pid: string, buildId: string): boolean {
  const command = read(pid, 'cmdline');
  if (!command.some((word) => word.endsWith('/tempest')) || command.includes('--list-tests')) return false;
  return read(pid, 'environ').includes(`SIDEGATE_BUILD=${buildId}`);
}

/** Parts of what a process began with; none when it is gone. */
function read(pid: string, file: 'cmdline' | 'environ'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/**
 * Leaves a server of the lab no room on its disk, which is a tmpfs that nova-compute has mounted: what is written there takes memory, so the disk is
 * made smaller instead.
 */
export async function fillDisk({ place }: RealOpenstack, novaId: string): Promise<void> {
  const disk = join(place.root, 'guests', novaId, 'disk');
  const holder = readdirSync('/proc').find((pid) => mountsOf(pid).includes(` ${disk} `));
  if (holder === undefined) throw new Error(`nobody has mounted ${disk}`);
  const shrink = `set -- $(df --output=used --block-size=1K "$0" | tail -n 1) && mount -o "remount,size=$(($1 + 16))k" "$0"`;
  await runCommand('nsenter', ['--mount', '--target', holder, 'sh', '-c', shrink, disk]);
}

function mountsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/mounts`, 'utf8');
  } catch {
    return '';
  }
}
