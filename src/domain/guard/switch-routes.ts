import type { Effects, Route, RouteCall } from './decision.ts';
import { object, wholeNumber } from './shapes.ts';
import { userid, vswitchName } from './values.ts';

const userVlan = object({ userid, vlanid: wholeNumber(1, 4094) }, {});
const updateBody = object(
  { vswitch: object({}, { grant_userid: userid, revoke_userid: userid, user_vlan_id: userVlan }) },
  {},
);

/** Switches are everybody's: a worker may only let its own guests on, as networking-zvm does. */
export const switchRoutes: readonly Route[] = [
  { method: 'GET', path: '/vswitches' },
  { method: 'PUT', path: '/vswitches/{name}', body: updateBody, effects: updateEffects },
];

function updateEffects({ name, scope }: RouteCall): Effects | string {
  const vswitch = vswitchName(name, scope);
  return 'wrong' in vswitch ? `The vswitch ${vswitch.wrong}.` : { changes: true };
}
