import { knownGuest, useridOf } from './call.ts';
import type { Call } from './call.ts';
import { Refusal, guestFailure, lostGuest, ok } from './reply.ts';
import type { Reply } from './reply.ts';
import { askSmapi, refuseAsTold } from './smapi.ts';
import type { DirectoryEntry } from './system.ts';
import { validateUserid } from './validate.ts';

export function showGuest(call: Call): Reply {
  validateUserid(call.parameters['userid']!);
  knownGuest(call);
  return ok({ user_direct: userDirect(call, queryDirectory(call)) });
}

/** As `showGuest`, of any userid of the system, and without the password. */
export function showUserDirect(call: Call): Reply {
  validateUserid(call.parameters['userid']!);
  const [user = '', ...rest] = userDirect(call, queryDirectory(call));
  const masked = user.split(' ').with(2, '******').join(' ');
  return ok({ user_direct: [`${masked} `, ...rest] });
}

export function guestInfo(call: Call): Reply {
  validateUserid(call.parameters['userid']!);
  knownGuest(call);
  const userid = useridOf(call);
  const entry = askSmapi(call.room, {
    userid,
    api: 'Image_Performance_Query',
    request: `SMAPI FEILONG API Image_Performance_Query --operands -T "${userid}" -c 1`,
    parameters: '-c 1',
    intro: `Failed to get performance info of userid '['${userid}']'. `,
  });
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
  validateUserid(call.parameters['userid']!);
  knownGuest(call);
  const userid = useridOf(call);
  refuseAsTold(call.room, { userid, api: 'Image_Status_Query', request: `PowerVM ${userid} status` });
  const entry = call.room.system.directory.get(userid);
  if (entry) return ok(entry.power);
  // 1.4.1 does not look for the entry, and takes who is not there for somebody who is off.
  return call.room.release === '1.4.1' ? ok('off') : lostGuest(userid);
}

/** Asks z/VM itself, also about guests Feilong does not know; nobody is off. */
export function realPowerState(call: Call): Reply {
  validateUserid(call.parameters['userid']!);
  return ok(call.room.system.directory.get(useridOf(call))?.power ?? 'off');
}

export function showAdapters(call: Call): Reply {
  validateUserid(call.parameters['userid']!);
  const entry = queryAdapters(call);
  const adapters = [...entry.nics].map((vdev) => ({
    adapter_address: vdev,
    adapter_status: '02',
    lan_owner: 'SYSTEM',
    lan_name: switchOf(call, vdev),
    mac_address: `02:00:00:00:${vdev.slice(0, 2)}:${vdev.slice(2)}`,
  }));
  return ok({ adapters });
}

/** Also on the way of `register_vm`, where its error is told although the guest is registered by then. */
export function queryAdapters(call: Call, status = 500): DirectoryEntry {
  const userid = useridOf(call);
  const entry = askSmapi(call.room, {
    userid,
    api: 'Virtual_Network_Adapter_Query_Extended',
    request: `SMAPI ${userid} API Virtual_Network_Adapter_Query_Extended --operands -k 'image_device_number=*'`,
    parameters: '-k image_device_number=*',
    intro: `Failed to get network info of userid '${userid}'. `,
  });
  if (entry.nics.size > 0) return entry;
  const cause = `get_network_info:No NIC found on userid ${userid}`;
  throw new Refusal(guestFailure(status, 5, `Failed to capture userid ${userid} to generate image, error: ${cause}`));
}

function queryDirectory(call: Call): DirectoryEntry {
  const userid = useridOf(call);
  return askSmapi(call.room, { userid, api: 'Image_Query_DM', request: `getvm ${userid} directory` });
}

function switchOf(call: Call, vdev: string): string {
  return call.room.system.database.get(useridOf(call))?.nics.get(vdev)?.vswitch ?? '';
}

function userDirect(call: Call, entry: DirectoryEntry): string[] {
  const isOld = call.room.release === '1.4.1';
  const processors = Array.from({ length: entry.vcpus }, (_, index) => hex(index, 2));
  const boot = entry.disks[0] ? [`IPL ${entry.disks[0].vdev}${isOld ? '' : ' '}`] : [];
  return [
    `USER ${entry.userid} LBYONLY ${entry.memory}m 64G G`,
    `INCLUDE ${entry.profile}`,
    'MACHINE ESA 32',
    ...(isOld ? [] : ['COMMAND SET VCONFIG MODE LINUX']),
    ...processors.map((number) => (isOld ? `CPU ${number} BASE` : `COMMAND DEFINE CPU ${number} TYPE IFL`)),
    ...(isOld ? [] : ['SHARE RELATIVE 100']),
    ...boot,
    'LOGONBY MAINT',
    `COMMAND DEF STOR RESERVED ${Math.max(0, 65_536 - entry.memory)}M`,
    ...entry.disks.map((disk) => `MDISK ${disk.vdev} 3390 AUTOG ${disk.cylinders} ${disk.pool}`),
    ...[...entry.nics].flatMap((vdev) => nicDirect(vdev, switchOf(call, vdev))),
  ];
}

function nicDirect(vdev: string, vswitch: string): string[] {
  return [`NICDEF ${vdev} TYPE QDIO`, ...(vswitch === '' ? [] : [`NICDEF ${vdev} LAN SYSTEM ${vswitch}`])];
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0').toUpperCase();
}
