import { knownGuest, useridOf } from './call.ts';
import type { Call } from './call.ts';
import { capture, deploy } from './deploy.ts';
import { pause, reboot, reset, softstop, start, stop, unpause } from './power.ts';
import type { Options } from './power.ts';
import { deregister, register } from './registration.ts';
import { factsOf } from './release.ts';
import { htmlRefusal, internalFailure, ok, restRefusal } from './reply.ts';
import type { Reply } from './reply.ts';
import { askSmapi, smapiFailure } from './smapi.ts';
import type { SmapiCall } from './smapi.ts';

type Action = (call: Call, options: Options) => Reply | Promise<Reply>;

const actions: Readonly<Record<string, Action>> = {
  start,
  stop,
  softstop,
  pause,
  unpause,
  reboot,
  reset,
  deploy,
  capture,
  get_console_output: consoleOutput,
  register_vm: register,
  deregister_vm: deregister,
};

/** Actions of Feilong that nobody here calls: refused as something that is not implemented, which Feilong never says of them. */
const missing = [
  'live_migrate_vm',
  'resize_cpus',
  'live_resize_cpus',
  'resize_mem',
  'live_resize_mem',
  'grow_root_volume',
];

/** `POST /guests/{userid}/action`. */
export function runAction(call: Call): Reply | Promise<Reply> {
  const { body } = call;
  if (typeof body !== 'object' || body === null || !('action' in body))
    return htmlRefusal('action not exist or is empty');
  const { action, ...options } = body;
  if (missing.includes(String(action))) return restRefusal(501, `the simulator has no action ${String(action)}`);
  const isUnknown = action === 'deregister_vm' && !factsOf(call.room.release).looksAtHost;
  const run = typeof action === 'string' && Object.hasOwn(actions, action) && !isUnknown ? actions[action] : undefined;
  return run ? run(call, options) : htmlRefusal(`action ${String(action)} is invalid`);
}

/** The files in the reader of Feilong's own userid, to which the guest spools its console. */
function consoleOutput(call: Call): Reply {
  knownGuest(call);
  const { room } = call;
  const userid = useridOf(call);
  const asked: SmapiCall = {
    userid,
    api: 'Image_Console_Get',
    request: `getvm ${userid} consoleoutput`,
    intro: `Failed to get console log reader file list for guest vm: ${userid}. `,
  };
  const entry = askSmapi(room, asked);
  if (factsOf(room.release).mixesBytesAndText) return internalFailure(1, "a bytes-like object is required, not 'str'");
  if (entry.console.length > 0 && !room.faults.take('no-console', { userid })) return ok(entry.console.join(''));
  // By the manual of SMAPI; the stand-in always has a console.
  const text = 'not logged on, not spooling its console, or has not created any console output';
  return smapiFailure(room.release, 500, { rc: 8, rs: 8, text }, asked);
}
