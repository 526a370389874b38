import { actionBody, actionEffects } from './actions.ts';
import type { Effects, Route, RouteCall } from './decision.ts';
import { list, object, orNull, wholeNumber } from './shapes.ts';
import {
  cidr,
  diskFormat,
  diskSize,
  filePath,
  flag,
  hostname,
  ipAddress,
  macAddress,
  nicId,
  osVersion,
  userid,
  vdev,
  vswitchName,
} from './values.ts';

const mebibytesPerGibibyte = 1024;

/** No disk pool: that is Feilong's to choose. No profile, account or comments: they are text in z/VM's directory. */
const diskList = list(object({ size: diskSize }, { is_boot_disk: flag, format: diskFormat }), 16);
const createBody = object(
  {
    guest: object(
      { userid, vcpus: wholeNumber(1, 64), memory: wholeNumber(1, 1_048_576) },
      { disk_list: orNull(diskList) },
    ),
  },
  {},
);
type CreateBody = {
  readonly guest: {
    readonly userid: string;
    readonly memory: number;
    readonly disk_list?: readonly { readonly size: string }[] | null;
  };
};

const network = object(
  {},
  {
    ip_addr: ipAddress,
    gateway_addr: ipAddress,
    cidr,
    mac_addr: macAddress,
    nic_id: nicId,
    nic_vdev: vdev,
    dns_addr: list(ipAddress, 8),
    hostname: orNull(hostname),
  },
);
const interfaceBody = object(
  { interface: object({ os_version: osVersion, guest_networks: list(network, 16) }, { active: flag }) },
  {},
);
const noInterfaceBody = object({ interface: object({ os_version: osVersion, vdev }, { active: flag }) }, {});
const nicBody = object(
  { nic: object({}, { vdev: orNull(vdev), nic_id: nicId, mac_addr: macAddress, active: flag }) },
  {},
);
/** -1: none. */
const vlanId = wholeNumber(-1, 4094);
const coupleBody = object(
  { info: object({ couple: flag }, { active: flag, vswitch: vswitchName, vlan_id: vlanId }) },
  {},
);
const disksBody = object({ disk_info: object({ disk_list: diskList }, {}) }, {});
const formatBody = object(
  {
    disk_info: object(
      { disk_list: list(object({ format: diskFormat }, { vdev, size: diskSize, mntdir: filePath }), 16) },
      {},
    ),
  },
  {},
);
const noDisksBody = object({ vdev_info: object({ vdev_list: list(vdev, 16) }, {}) }, {});

const changes = (): Effects => ({ changes: true });

export const guestRoutes: readonly Route[] = [
  { method: 'GET', path: '/guests', effects: () => ({ filter: 'userids' }) },
  { method: 'POST', path: '/guests', body: createBody, effects: createEffects },
  { method: 'GET', path: '/guests/stats', query: { userid: 'own-userids' }, effects: ofNamedGuests },
  { method: 'GET', path: '/guests/interfacestats', query: { userid: 'own-userids' }, effects: ofNamedGuests },
  {
    method: 'GET',
    path: '/guests/nics',
    query: { userid: 'own-userids', nic_id: 'name', vswitch: 'name' },
    effects: () => ({ filter: 'nics' }),
  },
  { method: 'GET', path: '/guests/{userid}' },
  { method: 'DELETE', path: '/guests/{userid}', effects: () => ({ changes: true, removesGuest: true }) },
  { method: 'GET', path: '/guests/{userid}/power_state' },
  { method: 'GET', path: '/guests/{userid}/power_state_real' },
  { method: 'GET', path: '/guests/{userid}/info' },
  { method: 'GET', path: '/guests/{userid}/os_info' },
  { method: 'GET', path: '/guests/{userid}/online_cpu_num' },
  { method: 'GET', path: '/guests/{userid}/user_direct' },
  { method: 'GET', path: '/guests/{userid}/adapters' },
  { method: 'POST', path: '/guests/{userid}/action', body: actionBody, effects: actionEffects },
  { method: 'POST', path: '/guests/{userid}/interface', body: interfaceBody, effects: changes },
  { method: 'DELETE', path: '/guests/{userid}/interface', body: noInterfaceBody, effects: changes },
  { method: 'POST', path: '/guests/{userid}/nic', body: nicBody, effects: changes },
  { method: 'PUT', path: '/guests/{userid}/nic/{vdev}', body: coupleBody, effects: changes },
  { method: 'DELETE', path: '/guests/{userid}/nic/{vdev}', body: object({}, { active: flag }), effects: changes },
  { method: 'GET', path: '/guests/{userid}/disks' },
  { method: 'POST', path: '/guests/{userid}/disks', body: disksBody, effects: changes },
  { method: 'PUT', path: '/guests/{userid}/disks', body: formatBody, effects: changes },
  { method: 'DELETE', path: '/guests/{userid}/disks', body: noDisksBody, effects: changes },
];

function createEffects({ body: { guest } }: RouteCall<CreateBody>): Effects {
  const disk = (guest.disk_list ?? []).reduce((sum, { size }) => sum + gibibytes(size), 0);
  return { changes: true, makesGuest: { name: guest.userid, memory: guest.memory, disk: Math.ceil(disk) } };
}

/** Nothing of others is shown because nobody was named. */
function ofNamedGuests({ query }: RouteCall): Effects | string {
  return query['userid'] === undefined ? 'The query has no userid.' : {};
}

/** Without a unit they are cylinders, of which 1,457 make a GiB. */
function gibibytes(size: string): number {
  const number = Number.parseInt(size, 10);
  if (/g$/i.test(size)) return number;
  return number / (/m$/i.test(size) ? mebibytesPerGibibyte : 1457);
}
