import type { Call } from './call.ts';
import { factsOf } from './release.ts';
import { Refusal, failure, ok, unauthorized } from './reply.ts';
import type { Reply } from './reply.ts';
import { refuseAsTold } from './smapi.ts';
import { diskPool, diskUsed, memoryUsed } from './system.ts';
import { validatePoolQuery } from './validate.ts';

export function showVersion(call: Call): Reply {
  const { version } = factsOf(call.room.release);
  return ok({ version, api_version: '1.0', max_version: '1.0', min_version: '1.0' });
}

export function createToken(call: Call): Reply {
  const { tokens } = call.room;
  const given = call.headers['x-admin-token'];
  if (tokens && (typeof given !== 'string' || !tokens.isAdmin(given))) throw new Refusal(unauthorized());
  return {
    status: 200,
    contentType: 'text/html; charset=UTF-8',
    headers: { 'X-Auth-Token': tokens?.issue() ?? 'server-auth-closed', 'cache-control': 'no-cache' },
    body: '',
  };
}

/** Of the development branch: in an envelope. Its own count never leaves 0, by its source; the fault says what it was made for. */
export function smapiHealth(call: Call): Reply {
  return ok(healthOf(call, 'continuousFail'));
}

/** Until 1.6.6: without an envelope, and misspelt. */
export function oldSmapiHealth(call: Call): Reply {
  const body = JSON.stringify({ SMAPI: healthOf(call, 'continueousFail') });
  return { status: 200, contentType: 'application/json', headers: { 'cache-control': 'no-cache' }, body };
}

function healthOf(call: Call, failures: string): object {
  const isSick = call.room.faults.take('smapi-unhealthy') !== undefined;
  const fails = isSick ? 20 : 0;
  const lastFail = isSick ? new Date().toISOString() : '';
  return { totalSuccess: 0, totalFail: fails, lastSuccess: '', lastFail, [failures]: fails, healthy: !isSick };
}

export function showHost(call: Call): Reply {
  const { faults, system } = call.room;
  refuseAsTold(call.room, {
    userid: 'FEILONG',
    api: 'System_Information_Query',
    request: 'gethost general',
    intro: 'Failed to get host info. ',
  });
  const running = [...system.directory.values()].filter((entry) => entry.power === 'on');
  const output = {
    zcc_userid: 'FEILONG',
    zvm_host: system.host,
    vcpus: 16,
    vcpus_used: running.reduce((sum, entry) => sum + entry.vcpus, 0),
    cpu_info: { architecture: 's390x', cec_model: '8561' },
    memory_mb: system.capacity.memory,
    memory_mb_used: memoryUsed(system),
    hypervisor_type: 'zvm',
    hypervisor_version: 720,
    hypervisor_hostname: system.host,
    ipl_time: 'IPL at 11/20/26 08:00:00 UTC',
    ...(faults.take('no-disk-pool') ? { disk_total: 0, disk_used: 0, disk_available: 0 } : diskSpace(call)),
  };
  const wrong = faults.take('wrong-host')?.output ?? {};
  return ok(Object.fromEntries(Object.entries({ ...output, ...wrong }).filter(([, value]) => value !== null)));
}

/** Every userid of z/VM's directory, whoever made it. */
export function listHostGuests(call: Call): Reply {
  const { directory } = call.room.system;
  refuseAsTold(call.room, { userid: 'FEILONG', api: 'Image_Name_Query_DM', request: 'getvm ALL directory' });
  return ok([...directory.keys()].toSorted());
}

/** An unknown pool is a 404 by Feilong's source; the stand-in for the mainframe does not look at the name. */
export function showDiskPool(call: Call): Reply {
  validatePoolQuery(call.query, factsOf(call.room.release).knowsDetails ? ['poolname', 'details'] : ['poolname']);
  const pool = call.query.get('poolname') ?? `ECKD:${diskPool}`;
  if (pool.split(':')[1] === diskPool) return ok(diskSpace(call));
  return failure(404, { overallRC: 4, modID: 1, rc: 5, rs: 402 }, `Failed to get disk pool information of ${pool}`);
}

function diskSpace(call: Call): Record<string, number> {
  const { system } = call.room;
  const total = system.capacity.diskPool;
  const used = Math.min(total, diskUsed(system));
  return { disk_total: total, disk_used: used, disk_available: total - used };
}
