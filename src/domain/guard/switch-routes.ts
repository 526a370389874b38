import type { Route } from './decision.ts';
import { object, wholeNumber } from './shapes.ts';
import { userid } from './values.ts';

const userVlan = object({ userid, vlanid: wholeNumber(1, 4094) }, {});
const updateBody = object(
  { vswitch: object({}, { grant_userid: userid, revoke_userid: userid, user_vlan_id: userVlan }) },
  {},
);

/** Switches are everybody's: a worker may only let its own guests on. */
export const switchRoutes: readonly Route[] = [
  { method: 'GET', path: '/vswitches' },
  { method: 'PUT', path: '/vswitches/{name}', body: updateBody, effects: () => ({ changes: true }) },
];
