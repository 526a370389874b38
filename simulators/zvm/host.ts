import { guestOf } from './call.ts';
import type { Call } from './call.ts';
import { Refusal, failure, ok, unauthorized } from './reply.ts';
import type { Reply } from './reply.ts';
import { schemas } from './schema.ts';
import { diskPool, diskTotal, diskUsed, memoryTotal, memoryUsed } from './system.ts';
import type { DirectoryEntry, Nic } from './system.ts';
import { issueToken, sameText } from './token.ts';
import { validate } from './validate.ts';

/** The simulated Feilong's version: the newest one recorded for `facts/realsample.md`. */
const version = { version: '1.6.3', api_version: '1.0', max_version: '1.0', min_version: '1.0' };

export function showVersion(): Reply {
  return ok(version);
}

export function createToken(call: Call): Reply {
  const { adminToken } = call.room;
  const given = call.headers['x-admin-token'];
  if (adminToken !== undefined && (typeof given !== 'string' || !sameText(given, adminToken)))
    throw new Refusal(unauthorized());
  const token = adminToken === undefined ? 'server-auth-closed' : issueToken(adminToken);
  return {
    status: 200,
    contentType: 'text/html; charset=UTF-8',
    headers: { 'X-Auth-Token': token, 'cache-control': 'no-cache' },
    body: '',
  };
}

export function smapiHealth(): Reply {
  return ok({ totalSuccess: 0, totalFail: 0, lastSuccess: '', lastFail: '', continuousFail: 0, healthy: true });
}

export function showHost(call: Call): Reply {
  const { system } = call.room;
  const running = [...system.directory.values()].filter((entry) => entry.power === 'on');
  return ok({
    zcc_userid: 'FEILONG',
    zvm_host: system.host,
    vcpus: 16,
    vcpus_used: running.reduce((sum, entry) => sum + entry.vcpus, 0),
    cpu_info: { architecture: 's390x', cec_model: '8561' },
    memory_mb: memoryTotal,
    memory_mb_used: memoryUsed(system),
    hypervisor_type: 'zvm',
    hypervisor_version: 720,
    hypervisor_hostname: system.host,
    ipl_time: 'IPL at 11/20/26 08:00:00 UTC',
    ...diskSpace(call),
  });
}

/** Every userid of z/VM's directory, whoever made it. */
export function listHostGuests(call: Call): Reply {
  return ok([...call.room.system.directory.keys()]);
}

export function showDiskPool(call: Call): Reply {
  const pool = call.query.get('poolname') ?? `ECKD:${diskPool}`;
  if (pool.split(':')[1] === diskPool) return ok(diskSpace(call));
  return failure(404, { overallRC: 4, modID: 1, rc: 5, rs: 402 }, `Failed to get disk pool information of ${pool}`);
}

export function listVswitches(call: Call): Reply {
  return ok([...call.room.system.vswitches]);
}

/** Feilong gives every network card three device numbers, from 1000 on. */
export function createInterface(call: Call): Reply {
  validate(schemas.interface, call.body);
  const entry = guestOf(call);
  const { guest_networks: networks } = (call.body as { interface: { guest_networks: readonly NetworkRequest[] } })
    .interface;
  return ok(networks.map((network) => ({ ...network, nic_vdev: addNic(entry, network.nic_vdev, network) })));
}

export function createNic(call: Call): Reply {
  validate(schemas.nic, call.body);
  const entry = guestOf(call);
  const { nic } = call.body as { nic: NetworkRequest & { vdev?: string | null } };
  return ok(addNic(entry, nic.vdev ?? undefined, nic));
}

interface NetworkRequest {
  readonly nic_vdev?: string;
  readonly mac_addr?: string;
  readonly nic_id?: string;
}

function addNic(entry: DirectoryEntry, wanted: string | undefined, request: NetworkRequest): string {
  const vdev = wanted ?? (0x1000 + entry.nics.length * 3).toString(16).toUpperCase();
  const nic: Nic = { vdev, mac: request.mac_addr, nicId: request.nic_id };
  entry.nics.push(nic);
  return vdev;
}

function diskSpace(call: Call): Record<string, number> {
  const used = diskUsed(call.room.system);
  return { disk_total: diskTotal, disk_used: used, disk_available: diskTotal - used };
}
