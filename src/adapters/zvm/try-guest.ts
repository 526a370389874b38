import { notChecked } from '../../domain/finding.ts';
import type { Finding } from '../../domain/finding.ts';
import { createFeilongClient } from './client.ts';
import type { FeilongOptions } from './client.ts';
import { switchesSchema } from './schema.ts';
import { tryCall } from './try-call.ts';

const vdev = '1000';
const privileges = 'Ask for the privileges of Feilong’s userid, and show this answer: docs/zvm-backends.md.';

/**
 * Makes a small guest, gives it a network interface, starts and deletes it: Feilong has no call that tells what its userid may do. The name has
 * the form of those of workers, so that a sweep removes it if this is broken off; nova does not come to this number.
 */
export async function tryGuest(
  options: FeilongOptions,
  prefix: string,
  vswitches?: readonly string[],
): Promise<readonly Finding[]> {
  const client = createFeilongClient(options);
  const userid = `${prefix}FFFFFF`.slice(0, 8);
  const path = `/guests/${userid}`;
  const steps: readonly (readonly [string, () => Promise<void>])[] = [
    [
      `a guest can be made: ${userid}`,
      () =>
        client.post('/guests', {
          guest: { userid, vcpus: 1, memory: 512, disk_list: [{ size: '1g', is_boot_disk: true }] },
        }),
    ],
    ['it gets a network interface', () => client.post(`${path}/nic`, { nic: { vdev } })],
    ['which is coupled to a virtual switch', couple],
    ['it starts', () => client.post(`${path}/action`, { action: 'start' })],
  ];
  const findings: Finding[] = [];
  for (const [what, step] of steps) {
    const before = findings.every(({ ok }) => ok);
    findings.push(before ? await tryCall(what, step, privileges) : notChecked(what, 'an earlier step failed'));
  }
  // Also what was not made, as far as we know: deleting what is not there succeeds.
  const gone = await tryCall('it is deleted', () => client.delete(path), `Delete ${userid}, or the next build does.`);
  return [...findings, gone];

  async function couple(): Promise<void> {
    const [vswitch] = vswitches ?? (await client.get('/vswitches', switchesSchema));
    await client.put(`/vswitches/${vswitch}`, { vswitch: { grant_userid: userid } });
    await client.put(`${path}/nic/${vdev}`, { info: { couple: true, active: false, vswitch } });
  }
}
