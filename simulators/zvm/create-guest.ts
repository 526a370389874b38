import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Room } from './call.ts';
import { addDisks } from './disks.ts';
import type { DiskRequest } from './disks.ts';
import { duplicateRow, guestFailure, internalFailure, ok, sdkserverFailure } from './reply.ts';
import type { Reply } from './reply.ts';
import { schemas } from './schemas.ts';
import { alreadyDefined, refuseAsTold, smapiFailure } from './smapi.ts';
import type { SmapiCall } from './smapi.ts';
import { newEntry } from './system.ts';
import { validate } from './validate.ts';

interface GuestRequest {
  readonly userid: string;
  readonly vcpus: number | string;
  readonly memory: number | string;
  readonly user_profile?: string | null;
  readonly max_cpu?: number;
  readonly max_mem?: string;
  readonly disk_list?: readonly DiskRequest[] | null;
}

export async function createGuest(call: Call): Promise<Reply> {
  const { room, client } = call;
  const isOld = room.release === '1.4.1';
  validate(isOld ? schemas.createGuestOld : schemas.createGuest, call.body);
  const { guest } = call.body as { guest: GuestRequest };
  // Recorded of 1.6.3. Everybody but nova is spared it unless wanted: sidegate's own tests make guests without disks.
  if (!guest.disk_list && !isOld && room.failsWithoutDisks)
    return internalFailure(
      100,
      'SDK server got unexpected exception: TypeError("object of type \'NoneType\' has no len()")',
    );

  const userid = guest.userid.toUpperCase();
  const { audit, database, directory } = room.system;
  // The directory changes at the end: a client that gives up meanwhile gets its guest all the same, one that deletes it hears of success.
  await sleep(room.timings.createTime + (room.faults.take('slow-create', { userid })?.ms ?? 0));
  const asked = makeRequest(room, userid, guest);
  refuseAsTold(room, asked);
  if (directory.has(userid)) {
    audit.record('create-refused', userid, client);
    return smapiFailure(room.release, 409, alreadyDefined, asked);
  }
  addToDirectory(room, userid, guest);
  audit.record('created', userid, client);

  const killed = room.faults.take('killed-mid-create', { userid });
  if (killed) {
    room.mishaps.stopSdkserver(killed.seconds);
    return sdkserverFailure(500, 4, 'Client receive empty data from SDK server');
  }
  if (database.has(userid)) return guestFailure(500, 1, duplicateRow);
  database.set(userid, { nics: new Map() });
  return guest.disk_list ? ok(addDisks(room, userid, guest.disk_list)) : ok('');
}

function addToDirectory(room: Room, userid: string, guest: GuestRequest): void {
  const profile = guest.user_profile ?? 'OSDFLT';
  const entry = newEntry({ userid, vcpus: Number(guest.vcpus), memory: Number(guest.memory), profile });
  room.system.directory.set(userid, entry);
}

function makeRequest({ release }: Room, userid: string, guest: GuestRequest): SmapiCall {
  const admin = release === '1.4.1' ? '"MAINT"' : 'MAINT';
  const boot = guest.disk_list ? ' --ipl 0100' : '';
  const share = release === '1.4.1' ? '' : ' --commandSetShare "RELATIVE 100"';
  const sizes = `--maxCPU ${guest.max_cpu ?? 32} --maxMemSize ${guest.max_mem ?? '64G'}`;
  const options = `--cpus ${guest.vcpus} --profile ${guest.user_profile ?? 'OSDFLT'} ${sizes} --setReservedMem --logonby ${admin}`;
  return {
    userid,
    api: 'Image_Create_DM',
    request: `makevm ${userid} directory LBYONLY ${guest.memory}m G ${options}${boot}${share}`,
    parameters: '-f /tmp/tmp_nzdya41',
    intro: `Failed to create userid '${userid}'. `,
  };
}
