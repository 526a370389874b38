import { setTimeout as sleep } from 'node:timers/promises';
import { knownGuest, useridOf } from './call.ts';
import type { Call } from './call.ts';
import { Refusal, guestFailure, internalFailure, ok } from './reply.ts';
import type { Reply } from './reply.ts';
import { factsOf } from './release.ts';
import { schemas } from './schemas.ts';
import { askSmapi, refuseAsTold, unreachableLinux } from './smapi.ts';
import { say, setPower } from './system.ts';
import type { DirectoryEntry } from './system.ts';
import { validate } from './validate.ts';

export type Options = Readonly<Record<string, unknown>>;

export function start(call: Call, options: Options): Reply {
  validate(schemas.start, options);
  knownGuest(call);
  const entry = activate(call);
  if (entry.power === 'off') boot(call, entry);
  return ok('');
}

export function stop(call: Call, options: Options): Reply {
  validate(schemas.stop, options);
  knownGuest(call);
  const entry = deactivate(call, 'off', '-f IMMED');
  if (entry.power === 'on') setPower(entry, 'off');
  return ok('');
}

/** Feilong waits for the Linux of a guest, a quarter of a minute at least. */
export async function softstop(call: Call, options: Options): Promise<Reply> {
  validate(schemas.stop, options);
  knownGuest(call);
  await sleep(call.room.timings.softstopTime);
  return stop(call, options);
}

export function pause(call: Call): Reply {
  return setPaused(call, true);
}

export function unpause(call: Call): Reply {
  return setPaused(call, false);
}

/** Asks the guest's Linux to restart, so it needs one that runs. */
export function reboot(call: Call): Reply {
  knownGuest(call);
  const userid = useridOf(call);
  const entry = call.room.system.directory.get(userid);
  if (entry?.power !== 'on' || entry.paused)
    return unreachableLinux(call.room.release, userid, `PowerVM ${userid} reboot`);
  boot(call, entry);
  return ok('');
}

/** Restarts the machine itself, whatever its Linux does. 1.4.1 stumbles between off and on: the guest stays off. */
export function reset(call: Call): Reply {
  knownGuest(call);
  const entry = deactivate(call, 'reset');
  if (factsOf(call.room.release).mixesBytesAndText) {
    setPower(entry, 'off');
    return internalFailure(1, 'cannot use a string pattern on a bytes-like object');
  }
  boot(call, activate(call));
  return ok('');
}

/** Also of a guest that z/VM has no more: it is off. The odd text is Feilong's, it shares the reason code with capture. */
export function requirePower(call: Call, verb: string): DirectoryEntry {
  const userid = useridOf(call);
  const entry = call.room.system.directory.get(userid);
  if (entry?.power === 'on') return entry;
  const cause = `The vm ${userid} is powered off, please start up it before ${verb}`;
  throw new Refusal(guestFailure(409, 5, `Failed to capture userid ${userid} to generate image, error: ${cause}`));
}

function setPaused(call: Call, paused: boolean): Reply {
  knownGuest(call);
  const verb = paused ? 'pause' : 'unpause';
  const entry = requirePower(call, verb);
  const userid = useridOf(call);
  refuseAsTold(call.room, { userid, api: 'Image_Pause', request: `PowerVM ${userid} ${verb}` });
  if (entry.paused !== paused) say(entry, paused ? 'CP STOP' : 'CP BEGIN');
  entry.paused = paused;
  return ok('');
}

function boot(call: Call, entry: DirectoryEntry): void {
  setPower(entry, 'on');
  call.room.mishaps.afterStart(entry);
}

function activate(call: Call): DirectoryEntry {
  const userid = useridOf(call);
  return askSmapi(call.room, { userid, api: 'Image_Activate', request: `PowerVM ${userid} on` });
}

function deactivate(call: Call, verb: string, parameters?: string): DirectoryEntry {
  const userid = useridOf(call);
  const request = { userid, api: 'Image_Deactivate', request: `PowerVM ${userid} ${verb}` };
  return askSmapi(call.room, parameters === undefined ? request : { ...request, parameters });
}
