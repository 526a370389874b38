import { setTimeout as sleep } from 'node:timers/promises';
import { guestOf, useridOf } from './call.ts';
import type { Call } from './call.ts';
import { noSuchGuest, ok, smapiFailure } from './reply.ts';
import type { Reply } from './reply.ts';
import { schemas } from './schema.ts';
import { cylindersPerGb, diskPool, newEntry } from './system.ts';
import type { DirectoryEntry } from './system.ts';
import { validate } from './validate.ts';

interface GuestRequest {
  readonly userid: string;
  readonly vcpus: number | string;
  readonly memory: number | string;
  readonly user_profile?: string | null;
  readonly disk_list?: readonly DiskRequest[];
}

interface DiskRequest {
  readonly size: string;
  readonly vdev?: string;
  readonly disk_pool?: string;
}

/** Only what Feilong's own database holds, whatever else z/VM has. */
export function listGuests(call: Call): Reply {
  return ok([...call.room.system.database]);
}

export async function createGuest(call: Call): Promise<Reply> {
  validate(schemas.createGuest, call.body);
  const { guest } = call.body as { guest: GuestRequest };
  const userid = guest.userid.toUpperCase();
  const { system, timings } = call.room;
  // The directory changes at the end: a client that gives up meanwhile gets its guest all the same.
  await sleep(timings.createTime);
  if (system.directory.has(userid)) {
    system.audit.record('create-refused', userid, call.client);
    return duplicate(guest);
  }

  const requested = guest.disk_list ?? [];
  const disks = requested.map((disk, index) => ({
    vdev: disk.vdev ?? vdevFor(index),
    cylinders: cylindersOf(disk.size),
    pool: poolOf(disk),
  }));
  const profile = guest.user_profile ?? 'OSDFLT';
  system.directory.set(
    userid,
    newEntry({ userid, vcpus: Number(guest.vcpus), memory: Number(guest.memory), profile, disks }),
  );
  system.database.add(userid);
  system.audit.record('created', userid, call.client);
  return ok(
    requested.map((disk, index) => ({
      disk_pool: `ECKD:${diskPool}`,
      ...disk,
      size: sizeOf(disk),
      vdev: disks[index]!.vdev,
    })),
  );
}

/** Deleting what neither Feilong nor z/VM knows succeeds; what only z/VM knows is none of Feilong's business. */
export function deleteGuest(call: Call): Reply {
  const userid = useridOf(call);
  const { system, faults } = call.room;
  if (!system.database.has(userid)) return system.directory.has(userid) ? noSuchGuest(userid) : ok('');
  if (faults.take('delete-fails', userid)) {
    system.audit.record('delete-failed', userid, call.client);
    const error = { rc: 596, rs: 6213, text: 'DIRMAINT internal error (injected)' };
    const request = {
      api: 'Image_Delete_DM',
      request: `deletevm ${userid} directory`,
      parameters: `-T ${userid} -e 0`,
    };
    return smapiFailure(500, '', error, request);
  }
  system.directory.delete(userid);
  system.database.delete(userid);
  system.audit.record('deleted', userid, call.client);
  return ok('');
}

export function showGuest(call: Call): Reply {
  return ok({ user_direct: userDirect(guestOf(call)) });
}

export function guestInfo(call: Call): Reply {
  const entry = guestOf(call);
  const running = entry.power === 'on';
  return ok({
    power_state: entry.power,
    max_mem_kb: 64 * 1024 * 1024,
    mem_kb: running ? entry.memory * 1024 : 0,
    num_cpu: entry.vcpus,
    cpu_time_us: running ? (Date.now() - entry.poweredAt) * 10 : 0,
  });
}

export function powerState(call: Call): Reply {
  return ok(guestOf(call).power);
}

/** Asks z/VM itself, also about guests Feilong does not know. */
export function realPowerState(call: Call): Reply {
  const userid = useridOf(call);
  const entry = call.room.system.directory.get(userid);
  if (entry) return ok(entry.power);
  const request = { api: 'Image_Status_Query', request: `PowerVM ${userid} status`, parameters: `-T ${userid}` };
  return smapiFailure(
    404,
    `Failed to query power state of '${userid}'. `,
    { rc: 200, rs: 4, text: 'Image does not exist' },
    request,
  );
}

function userDirect(entry: DirectoryEntry): string[] {
  return [
    `USER ${entry.userid} LBYONLY ${entry.memory}m 64G G`,
    `INCLUDE ${entry.profile}`,
    'MACHINE ESA 32',
    ...Array.from(
      { length: entry.vcpus },
      (_, index) => `CPU ${index.toString(16).padStart(2, '0').toUpperCase()} BASE`,
    ),
    ...(entry.disks[0] ? [`IPL ${entry.disks[0].vdev}`] : []),
    'LOGONBY MAINT',
    `COMMAND DEF STOR RESERVED ${Math.max(0, 65_536 - entry.memory)}M`,
    ...entry.nics.map((nic) => `NICDEF ${nic.vdev} TYPE QDIO LAN SYSTEM VSW1`),
    ...entry.disks.map((disk) => `MDISK ${disk.vdev} 3390 AUTOG ${disk.cylinders} ${disk.pool}`),
  ];
}

function duplicate(guest: GuestRequest): Reply {
  const userid = guest.userid.toUpperCase();
  const options = `--cpus ${guest.vcpus} --profile ${guest.user_profile ?? 'OSDFLT'} --maxCPU 32 --maxMemSize 64G --setReservedMem --logonby "MAINT"`;
  const request = {
    api: 'Image_Create_DM',
    request: `makevm ${userid} directory LBYONLY ${guest.memory}m G ${options}`,
    parameters: `-T ${userid} -f /tmp/tmp_nzdya41`,
  };
  return smapiFailure(
    409,
    `Failed to create userid '${userid}'. `,
    { rc: 400, rs: 8, text: 'Image or profile name already defined' },
    request,
  );
}

function vdevFor(index: number): string {
  return (0x100 + index).toString(16).padStart(4, '0').toUpperCase();
}

/** Sizes are cylinders, or end in g or m. */
function cylindersOf(size: string): number {
  const [, digits = '0', unit = ''] = /^(\d+)([gm]?)/i.exec(size) ?? [];
  const number = Number(digits);
  if (unit === '') return number;
  return Math.ceil((unit.toLowerCase() === 'g' ? number : number / 1024) * cylindersPerGb);
}

function sizeOf(disk: DiskRequest): string {
  return /^\d+$/.test(disk.size) ? `${((Number(disk.size) * 737_280) / 2 ** 20).toFixed(1)}M` : disk.size;
}

function poolOf(disk: DiskRequest): string {
  return disk.disk_pool?.split(':')[1] ?? diskPool;
}
