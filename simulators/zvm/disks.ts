import { knownGuest, useridOf } from './call.ts';
import type { Call, Room } from './call.ts';
import { Refusal, ok } from './reply.ts';
import type { Reply } from './reply.ts';
import { schemas } from './schemas.ts';
import { askSmapi, helperFailure, poolFull, smapiFailure } from './smapi.ts';
import type { SmapiCall } from './smapi.ts';
import { cylindersPerGb, diskPool, diskUsed } from './system.ts';
import type { DirectoryEntry } from './system.ts';
import { validate } from './validate.ts';

export interface DiskRequest {
  readonly size: string;
  readonly is_boot_disk?: boolean | string;
  readonly format?: string;
  readonly vdev?: string;
  readonly disk_pool?: string;
}

const cylinderBytes = 737_280;

/** nova never asks for more disks later; Feilong's other clients do. */
export function createDisks(call: Call): Reply {
  validate(schemas.createDisks, call.body);
  knownGuest(call);
  const { disk_info: info } = call.body as { disk_info: { disk_list?: readonly DiskRequest[] } };
  return ok(addDisks(call.room, useridOf(call), info.disk_list ?? []));
}

/** How ephemeral disks are formatted and mounted is written to a file for the guest: nothing of it can be seen from outside. */
export function configureDisks(call: Call): Reply {
  validate(schemas.configureDisks, call.body);
  knownGuest(call);
  return ok('');
}

export function deleteDisks(call: Call): Reply {
  validate(schemas.deleteDisks, call.body);
  knownGuest(call);
  const { vdev_info: info } = call.body as { vdev_info: { vdev_list?: readonly string[] } };
  const userid = useridOf(call);
  for (const vdev of info.vdev_list ?? []) {
    const request = `changevm ${userid} removedisk ${vdev}`;
    const { disks } = askSmapi(call.room, {
      userid,
      api: 'Image_Disk_Delete_DM',
      request,
      parameters: `-v ${vdev} -e 0`,
    });
    const at = disks.findIndex((disk) => disk.vdev === vdev.toUpperCase().padStart(4, '0'));
    if (at !== -1) disks.splice(at, 1);
  }
  return ok('');
}

/** One after the other: those before the one that fails stay, and so does the guest. */
export function addDisks(room: Room, userid: string, requested: readonly DiskRequest[]): readonly object[] {
  return requested.map((disk) => addDisk(room, userid, disk));
}

function addDisk(room: Room, userid: string, disk: DiskRequest): object {
  const { system } = room;
  const pool = disk.disk_pool?.split(':')[1] ?? diskPool;
  const cylinders = cylindersOf(disk.size);
  const vdev = disk.vdev ?? nextVdev(system.directory.get(userid));
  const format = formatOf(room, disk);
  const fileSystem = format === undefined || format === 'none' ? '' : ` --filesystem ${format}`;
  const asked: SmapiCall = {
    userid,
    api: 'Image_Disk_Create_DM',
    request: `changevm ${userid} add3390 ${pool} ${vdev} ${disk.size} --mode MR${fileSystem}`,
    parameters: `-v ${vdev} -t 3390 -a AUTOG -r ${pool} -u 1 -z ${cylinders} -f 1 -m MR`,
    intro: `Failed to add mdisk to userid '${userid}'. `,
    missing: 500,
  };
  const entry = askSmapi(room, asked);
  const free = (system.capacity.diskPool - diskUsed(system)) * cylindersPerGb;
  if (cylinders > free || room.faults.take('pool-full', { userid }))
    throw new Refusal(smapiFailure(room.release, 500, poolFull, asked));
  entry.disks.push({ vdev, cylinders, pool });
  if (fileSystem !== '' && room.faults.take('no-udevadm', { userid }))
    throw new Refusal(helperFailure(room.release, asked));
  const told = room.release === '1.4.1' ? {} : { format: disk.format ?? format };
  return { disk_pool: `ECKD:${diskPool}`, ...disk, ...told, size: sizeOf(disk), vdev };
}

/** 1.4.1 makes a file system on every disk; later ones leave the boot disk to the image. */
function formatOf(room: Room, disk: DiskRequest): string | undefined {
  if (disk.format !== undefined) return disk.format;
  return room.release === '1.4.1' || !isBoot(disk) ? 'ext4' : 'none';
}

function isBoot({ is_boot_disk: boot }: DiskRequest): boolean {
  return boot === true || /^(true|1|on|yes)$/i.test(String(boot));
}

function nextVdev(entry: DirectoryEntry | undefined): string {
  const last = entry?.disks.reduce((highest, { vdev }) => Math.max(highest, Number.parseInt(vdev, 16)), 0xff) ?? 0xff;
  return (last + 1).toString(16).padStart(4, '0').toUpperCase();
}

/** Sizes are cylinders, or end in g or m. */
function cylindersOf(size: string): number {
  const [, digits = '0', unit = ''] = /^([\d.]+)([gm]?)/i.exec(size) ?? [];
  const number = Number(digits);
  if (unit === '') return Math.ceil(number);
  return Math.ceil((unit.toLowerCase() === 'g' ? number : number / 1024) * cylindersPerGb);
}

function sizeOf(disk: DiskRequest): string {
  return /^\d+$/.test(disk.size) ? `${((Number(disk.size) * cylinderBytes) / 2 ** 20).toFixed(1)}M` : disk.size;
}
