import { setTimeout as sleep } from 'node:timers/promises';
import { knownGuest, useridOf } from './call.ts';
import type { Call } from './call.ts';
import { failure, guestFailure, imageFailure, noSuchImage, ok } from './reply.ts';
import type { Reply } from './reply.ts';
import { requirePower } from './power.ts';
import type { Options } from './power.ts';
import { schemas } from './schemas.ts';
import { askSmapi } from './smapi.ts';
import { setPower } from './system.ts';
import { validate } from './validate.ts';

interface DeployRequest {
  readonly image: string;
  readonly transportfiles?: string;
  readonly remotehost?: string;
  readonly vdev?: string | null;
  readonly skipdiskcopy?: boolean | string;
}

export async function deploy(call: Call, options: Options): Promise<Reply> {
  validate(schemas.deploy, options);
  const request = options as unknown as DeployRequest;
  return inPlace(call, describeDeploy(call, request), () => unpackImage(call, request));
}

/** Stops the guest, copies its disk to a new image, starts it again. Followed by Feilong's source: the stand-in has no disks to copy. */
export async function capture(call: Call, options: Options): Promise<Reply> {
  validate(schemas.capture, options);
  const { capture_type: kind = 'rootonly', image } = options as {
    readonly image: string;
    readonly capture_type?: string;
  };
  const described = `action: 'capture', userid: ${call.parameters['userid']},image name: ${image}, capture type: ${kind},compress level: 6`;
  return inPlace(call, described, () => copyDisk(call, image));
}

async function unpackImage(call: Call, request: DeployRequest): Promise<Reply> {
  const { room } = call;
  const userid = useridOf(call);
  knownGuest(call);
  if (!room.system.images.has(request.image)) return unknownImage(call, request.image);
  const entry = askSmapi(room, {
    userid,
    api: 'System_RDR_File_Manage',
    request: `changevm ${userid} purgerdr`,
    parameters: '-k spoolids=all',
    intro: `Failed to purge reader of '${userid}'. `,
  });
  // A 404 by Feilong's source; the stand-in for the mainframe unpacks to no disk as well.
  if (entry.disks.length === 0) return unpackFailure(404, userid, `${userid} 0100 not linked; not in CP directory`);
  await sleep(room.timings.deployTime + (room.faults.take('slow-deploy', { userid })?.ms ?? 0));
  if (room.faults.take('unpack-fails', { userid })) return unpackFailure(500, userid, '');
  entry.image = request.image;
  return copyConfigDrive(call, request);
}

function unpackFailure(status: 404 | 500, userid: string, cause: string): Reply {
  const text = `Failed to deploy image to userid: '${userid}', unpackdiskimage failed with rc: 3, error: ${cause}`;
  return guestFailure(status, 3, text);
}

/** By scp from the worker. */
function copyConfigDrive(call: Call, { remotehost, transportfiles }: DeployRequest): Reply {
  const userid = useridOf(call);
  const fault = transportfiles !== undefined && takeScpFault(call, 'deploy', userid);
  if (!fault) return ok('');
  const file = `${remotehost}:${transportfiles}`;
  const command = `['/usr/bin/scp', '-B', '-P', '22', '-o StrictHostKeyChecking=no', '${file}', '/tmp/tmprcousgdq/cfgdrive.iso']`;
  const cause = `copy config drive with command ${command} failed with output: scp: ${transportfiles}: No such file or directory\n`;
  return guestFailure(500, 4, `Failed to deploy image to userid: '${userid}', copy configure drive failed: ${cause}`);
}

/** The fault `scp-fails`; images have no userid. */
export function takeScpFault(call: Call, of: 'image' | 'deploy' | 'export', userid?: string): boolean {
  return call.room.faults.take('scp-fails', userid === undefined ? { of } : { of, userid }) !== undefined;
}

async function copyDisk(call: Call, image: string): Promise<Reply> {
  const { room } = call;
  knownGuest(call);
  const isOld = room.release === '1.4.1';
  const userid = useridOf(call);
  const entry = isOld
    ? requirePower(call, 'capture')
    : askSmapi(room, { userid, api: 'Image_Query_DM', request: `getvm ${userid} directory` });
  if (room.system.images.has(image)) {
    const text =
      'Database operation failed, error: Execute SQL statements error: UNIQUE constraint failed: image.imagename';
    return imageFailure(500, 1, text);
  }
  const wasOn = entry.power === 'on';
  if (wasOn) setPower(entry, 'off');
  await sleep(room.timings.deployTime);
  const osVersion = room.system.images.get(entry.image ?? '')?.osVersion ?? 'rhel7.2';
  room.system.images.set(image, { name: image, osVersion, client: call.client, usedAt: Date.now() });
  if (wasOn) setPower(entry, 'on');
  return ok('');
}

/** Feilong's limit comes before everything else, whoever's guest it is. */
async function inPlace(call: Call, described: string, work: () => Promise<Reply>): Promise<Reply> {
  const { room } = call;
  const isFull = room.deploys >= room.system.capacity.deploys;
  if (isFull || room.faults.take('deploys-full', { userid: useridOf(call) })) {
    const text = `Max concurrent deploy/capture requests received, request is rejected. ${described}`;
    return failure(503, { overallRC: 503, modID: 120, rc: 503, rs: 1 }, text);
  }
  room.deploys += 1;
  try {
    return await work();
  } finally {
    room.deploys -= 1;
  }
}

function describeDeploy(call: Call, request: DeployRequest): string {
  const { transportfiles = 'None', remotehost = 'None', vdev, skipdiskcopy } = request;
  const files = `transportfiles: ${transportfiles}, remotehost: ${remotehost},vdev: ${vdev ?? 'None'}`;
  const skips = call.room.release === '1.4.1' ? '' : `, skipdiskcopy: ${skipdiskcopy ? 'True' : 'False'}`;
  return `action: 'deploy', userid: ${call.parameters['userid']},${files}${skips}`;
}

function unknownImage(call: Call, image: string): Reply {
  if (call.room.release !== '1.4.1') return noSuchImage(image);
  return imageFailure(404, 20, `The image record of ${image} does not exist`);
}
