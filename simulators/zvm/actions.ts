import { setTimeout as sleep } from 'node:timers/promises';
import { guestOf, useridOf } from './call.ts';
import type { Call } from './call.ts';
import { Refusal, failure, noSuchGuest, ok, restRefusal, smapiFailure } from './reply.ts';
import type { Reply } from './reply.ts';
import { schemas } from './schema.ts';
import { say, setPower } from './system.ts';
import type { DirectoryEntry } from './system.ts';
import { validate } from './validate.ts';

type Options = Readonly<Record<string, unknown>>;
type Action = (call: Call, options: Options) => Reply | Promise<Reply>;

/** Feilong's own limit, `max_concurrent_deploy_capture`. */
const maxDeploys = 20;

const actions: Readonly<Record<string, Action>> = {
  start,
  stop,
  softstop,
  pause: (call) => setPaused(call, true),
  unpause: (call) => setPaused(call, false),
  reboot,
  reset,
  deploy,
  get_console_output: consoleOutput,
  register_vm: register,
  deregister_vm: deregister,
};

/** `POST /guests/{userid}/action`. */
export function runAction(call: Call): Reply | Promise<Reply> {
  if (typeof call.body !== 'object' || call.body === null || !('action' in call.body))
    return htmlRefusal('action not exist or is empty');
  const { action, ...options } = call.body;
  const run = typeof action === 'string' && Object.hasOwn(actions, action) ? actions[action] : undefined;
  return run ? run(call, options) : htmlRefusal(`action ${String(action)} is invalid`);
}

function start(call: Call, options: Options): Reply {
  validate(schemas.start, options);
  const entry = guestOf(call);
  if (entry.power === 'off') setPower(entry, 'on');
  return ok('');
}

function stop(call: Call, options: Options): Reply {
  validate(schemas.stop, options);
  const entry = guestOf(call);
  if (entry.power === 'on') setPower(entry, 'off');
  return ok('');
}

async function softstop(call: Call, options: Options): Promise<Reply> {
  validate(schemas.stop, options);
  guestOf(call);
  await sleep(call.room.timings.softstopTime);
  return stop(call, options);
}

function setPaused(call: Call, paused: boolean): Reply {
  const entry = guestOf(call);
  const verb = paused ? 'pause' : 'unpause';
  requirePower(entry, verb);
  if (entry.paused !== paused) say(entry, paused ? 'CP STOP' : 'CP BEGIN');
  entry.paused = paused;
  return ok('');
}

/** The odd text is Feilong's: it shares the reason code with capture. */
function requirePower(entry: DirectoryEntry, verb: string): void {
  if (entry.power === 'on') return;
  const { userid } = entry;
  const cause = `The vm ${userid} is powered off, please start up it before ${verb}`;
  const text = `Failed to capture userid ${userid} to generate image, error: ${cause}`;
  throw new Refusal(failure(409, { overallRC: 300, modID: 10, rc: 300, rs: 5 }, text));
}

/** Asks the guest's Linux to restart, so it needs one that runs. */
function reboot(call: Call): Reply {
  const entry = guestOf(call);
  if (entry.power === 'on' && !entry.paused) {
    setPower(entry, 'on');
    return ok('');
  }
  const error = { rc: 4, rs: 8, text: 'the userid is not logged on or its operating system does not answer' };
  const request = { api: 'IUCV', request: `PowerVM ${entry.userid} reboot`, parameters: `-T ${entry.userid}` };
  return smapiFailure(500, '', error, request);
}

/** Restarts the machine itself, whatever its Linux does. */
function reset(call: Call): Reply {
  setPower(guestOf(call), 'on');
  return ok('');
}

async function deploy(call: Call, options: Options): Promise<Reply> {
  validate(schemas.deploy, options);
  const { room } = call;
  const entry = guestOf(call);
  const image = String(options['image']);
  if (!room.system.images.has(image)) {
    return failure(404, { overallRC: 300, modID: 40, rc: 300, rs: 20 }, `The image record of ${image} does not exist`);
  }
  if (entry.disks.length === 0) {
    const text = `Failed to deploy image to userid: '${entry.userid}', unpackdiskimage failed with rc: 3, error: ${entry.userid} 0100 not linked; not in CP directory`;
    return failure(404, { overallRC: 300, modID: 10, rc: 300, rs: 3 }, text);
  }
  if (room.deploys >= maxDeploys) {
    const text = `Max concurrent deploy/capture requests received, request is rejected. action: 'deploy', userid: ${entry.userid}`;
    return failure(503, { overallRC: 503, modID: 120, rc: 503, rs: 1 }, text);
  }
  room.deploys += 1;
  await sleep(room.timings.deployTime);
  room.deploys -= 1;
  entry.image = image;
  return ok('');
}

function consoleOutput(call: Call): Reply {
  const entry = guestOf(call);
  if (entry.console.length > 0) return ok(entry.console.join(''));
  const error = {
    rc: 8,
    rs: 8,
    text: 'not logged on, not spooling its console, or has not created any console output',
  };
  const request = {
    api: 'Image_Console_Get',
    request: `getvm ${entry.userid} consoleoutput`,
    parameters: `-T ${entry.userid}`,
  };
  return smapiFailure(
    500,
    `Failed to get console log reader file list for guest vm: ${entry.userid}. `,
    error,
    request,
  );
}

/** Adopts a guest of z/VM's directory. Without a network card Feilong answers 409, but it did register. */
function register(call: Call, options: Options): Reply {
  validate(schemas.register, options);
  const userid = useridOf(call);
  const { system } = call.room;
  const entry = system.directory.get(userid);
  if (entry === undefined) return noSuchGuest(userid);
  if (system.database.has(userid)) return ok('');
  system.database.add(userid);
  system.audit.record('registered', userid, call.client);
  if (entry.nics.length > 0) return ok('');
  const text = `Failed to capture userid ${userid} to generate image, error: get_network_info:No NIC found on userid ${userid}`;
  return failure(409, { overallRC: 300, modID: 10, rc: 300, rs: 5 }, text);
}

function deregister(call: Call, options: Options): Reply {
  validate(schemas.deregister, options);
  const userid = useridOf(call);
  if (call.room.system.database.delete(userid)) call.room.system.audit.record('deregistered', userid, call.client);
  return ok('');
}

function htmlRefusal(text: string): Reply {
  return { ...restRefusal(400, text, 'text/html; charset=UTF-8'), headers: { 'cache-control': 'no-cache' } };
}
