import type { Call } from './call.ts';
import { Refusal, ok, restRefusal } from './reply.ts';
import type { Reply } from './reply.ts';
import { schemas } from './schemas.ts';
import { refuseAsTold, smapiFailure } from './smapi.ts';
import type { SmapiCall, SmapiError } from './smapi.ts';
import { validate } from './validate.ts';

/** Both by Feilong's source: the stand-in for the mainframe, over which the rest was recorded, takes any name. */
const exists: SmapiError = { rc: 212, rs: 36, text: 'LAN or vswitch already exists' };
const unknown: SmapiError = { rc: 212, rs: 40, text: 'Vswitch does not exist' };

export function listVswitches(call: Call): Reply {
  return ok([...call.room.system.vswitches]);
}

/** networking-zvm does so when it starts, for a physical network that z/VM does not have. */
export function createVswitch(call: Call): Reply {
  validate(schemas.createVswitch, call.body);
  const { vswitches } = call.room.system;
  const { name } = (call.body as { vswitch: { name: string } }).vswitch;
  const api = 'Virtual_Network_Vswitch_Create_Extended';
  const asked = request(api, `-k switch_name=${name}`);
  refuseAsTold(call.room, asked);
  if (vswitches.has(name.toUpperCase())) return smapiFailure(call.room.release, 409, exists, asked);
  vswitches.add(name.toUpperCase());
  return ok('');
}

/** Grants or revokes a userid, or gives it a VLAN; one thing a call. Userids are not looked up: any will do. */
export function updateVswitch(call: Call): Reply {
  validate(schemas.updateVswitch, call.body);
  const { vswitch } = call.body as {
    vswitch: { grant_userid?: string; revoke_userid?: string; user_vlan_id?: object };
  };
  if (Object.keys(vswitch).length === 0)
    return restRefusal(500, 'The server has either erred or is incapable of performing the requested operation.');

  const name = call.parameters['name']!;
  const right = vswitch.grant_userid ?? vswitch.revoke_userid ?? 'vlan';
  const asked = request('Virtual_Network_Vswitch_Set_Extended', `-k switch_name=${name} -k grant_userid=${right}`);
  refuseAsTold(call.room, asked);
  if (!call.room.system.vswitches.has(name.toUpperCase()))
    throw new Refusal(smapiFailure(call.room.release, 404, unknown, asked));
  return ok('');
}

function request(api: string, operands: string): SmapiCall {
  return {
    userid: 'FEILONG',
    api,
    request: `SMAPI FEILONG API ${api} --operands ${operands}`,
    parameters: operands,
    once: true,
  };
}
