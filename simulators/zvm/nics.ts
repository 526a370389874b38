import { knownGuest, useridOf } from './call.ts';
import type { Call } from './call.ts';
import { failure, nicConflict, ok } from './reply.ts';
import { Refusal } from './reply.ts';
import type { Reply } from './reply.ts';
import { schemas } from './schemas.ts';
import { askSmapi, isLocked } from './smapi.ts';
import type { DirectoryEntry, FeilongGuest } from './system.ts';
import { validate } from './validate.ts';

interface NetworkRequest {
  readonly nic_vdev?: string;
  readonly mac_addr?: string;
  readonly nic_id?: string;
}

/** What networking-zvm reads to find which guest a port is of: Feilong's own table, not z/VM's. */
export function listNics(call: Call): Reply {
  const { query } = call;
  const wanted = {
    userid: query.get('userid')?.toUpperCase(),
    port: query.get('nic_id'),
    switch: query.get('vswitch'),
  };
  const rows = [...call.room.system.database].flatMap(([userid, { nics }]) =>
    [...nics].map(([vdev, nic]) => ({ userid, interface: vdev, switch: nic.vswitch, port: nic.nicId, comments: null })),
  );
  return ok(
    rows.filter(
      (row) =>
        (wanted.userid === undefined || row.userid === wanted.userid) &&
        (wanted.port === null || row.port === wanted.port) &&
        (wanted.switch === null || row.switch === wanted.switch),
    ),
  );
}

export function createInterface(call: Call): Reply {
  validate(schemas.interface, call.body);
  const guest = knownGuest(call);
  const { guest_networks: networks, active } = (
    call.body as { interface: { guest_networks: readonly NetworkRequest[]; active?: unknown } }
  ).interface;
  const add = (network: NetworkRequest) => addNic(call, guest, { ...network, active });
  return ok(networks.map((network) => ({ ...network, nic_vdev: add(network) })));
}

export function deleteInterface(call: Call): Reply {
  validate(schemas.deleteInterface, call.body);
  const { vdev } = (call.body as { interface: { vdev: string } }).interface;
  return removeNic(call, vdev);
}

export function createNic(call: Call): Reply {
  validate(schemas.nic, call.body);
  const guest = knownGuest(call);
  const { nic } = call.body as { nic: NetworkRequest & { vdev?: string | null; active?: unknown } };
  return ok(addNic(call, guest, { ...nic, ...(nic.vdev ? { nic_vdev: nic.vdev } : {}) }));
}

/** One that is not there is gone already. */
export function deleteNic(call: Call): Reply {
  // Feilong parses the body, which nobody needs.
  if (typeof call.body !== 'object') return ok('');
  return removeNic(call, call.parameters['vdev']!);
}

/** Plugs a card into a switch, or unplugs it. */
export function coupleNic(call: Call): Reply {
  validate(schemas.couple, call.body);
  const guest = knownGuest(call);
  const userid = useridOf(call);
  const vdev = call.parameters['vdev']!.toUpperCase();
  const nic = guest.nics.get(vdev);
  if (nic === undefined) {
    const text = `User ${userid} with nic ${vdev} does not exist.`;
    return failure(404, { overallRC: 404, modID: 20, rc: 404, rs: 1 }, text);
  }
  const { info } = call.body as { info: { couple: boolean | string; vswitch?: string } };
  const couples = isTrue(info.couple);
  const api = couples ? 'Virtual_Network_Adapter_Connect_Vswitch_DM' : 'Virtual_Network_Adapter_Disconnect_DM';
  askSmapi(call.room, {
    userid,
    api,
    request: `SMAPI ${userid} API ${api} --operands -v ${vdev}`,
    parameters: `-v ${vdev}`,
    once: true,
    missing: 500,
  });
  nic.vswitch = couples ? (info.vswitch ?? null) : null;
  return ok('');
}

function removeNic(call: Call, wanted: string): Reply {
  const guest = knownGuest(call);
  const vdev = wanted.toUpperCase();
  call.room.system.directory.get(useridOf(call))?.nics.delete(vdev);
  guest.nics.delete(vdev);
  return ok('');
}

/** Every card takes three device numbers; the first one has 1000. */
function addNic(call: Call, guest: FeilongGuest, request: NetworkRequest & { active?: unknown }): string {
  const { room } = call;
  const userid = useridOf(call);
  const last = [...guest.nics.keys()].reduce(
    (highest, used) => Math.max(highest, Number.parseInt(used, 16)),
    0x1000 - 3,
  );
  const vdev = (request.nic_vdev ?? (last + 3).toString(16).padStart(4, '0')).toUpperCase();
  const refused = `Failed to create nic ${vdev} for guest ${userid}, error: `;
  if (guest.nics.has(vdev))
    throw new Refusal(nicConflict(6, `${refused}The specified virtual device number ${vdev} has already been used.`));
  if (isTrue(request.active) && room.system.directory.get(userid)?.power !== 'on')
    throw new Refusal(nicConflict(1, `Guest '${userid}' is not in active status.`));
  if (room.system.directory.has(userid) && isLocked(room, userid))
    throw new Refusal(nicConflict(7, `${refused}Guest ${userid} is locked`));

  const entry = askAdapter(call, userid, vdev);
  entry.nics.add(vdev);
  guest.nics.set(vdev, { nicId: request.nic_id ?? null, vswitch: null });
  return vdev;
}

function askAdapter({ room }: Call, userid: string, vdev: string): DirectoryEntry {
  const operands = `-k image_device_number=${vdev} -k adapter_type=QDIO`;
  return askSmapi(room, {
    userid,
    api: 'Virtual_Network_Adapter_Create_Extended_DM',
    request: `SMAPI ${userid} API Virtual_Network_Adapter_Create_Extended_DM --operands ${operands}`,
    parameters: operands,
    once: true,
    missing: 500,
  });
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(true|1|on|yes)$/i.test(value));
}
