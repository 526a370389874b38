import {
  diskPoolName,
  duration,
  fileSystem,
  list,
  mac,
  orNull,
  osVersion,
  positive,
  record,
  remoteHost,
  switchable,
  text,
  url,
  userid,
  vdev,
  vswitchName,
  wrapped,
} from './schema.ts';
import type { Schema } from './schema.ts';

const disk = record({ size: text, format: fileSystem, is_boot_disk: switchable, vdev, disk_pool: diskPoolName }, [
  'size',
]);
const formattedDisk = record({ vdev, format: fileSystem, mntdir: text, size: text }, ['format']);
const network: Schema = {
  type: ['object'],
  properties: {
    ip_addr: text,
    dns_addr: list(text),
    gateway_addr: text,
    cidr: text,
    mac_addr: mac,
    nic_id: text,
    nic_vdev: vdev,
    osa_device: vdev,
  },
};
const stop = record({ userid, timeout: duration, poll_interval: duration });
/** Of the newer releases; 1.4.1 knows fewer, see `createGuestOld`. */
const guestFields = {
  userid,
  vcpus: positive,
  memory: positive,
  disk_list: list(disk),
  user_profile: orNull(userid),
  max_cpu: { type: ['integer'], minimum: 1, maximum: 64 },
  max_mem: { type: ['string'], pattern: /^[1-9][0-9]{0,3}[m|M|g|G]$/ },
} satisfies Record<string, Schema>;
const newGuestFields = {
  ipl_from: text,
  ipl_param: text,
  ipl_loadparam: text,
  dedicate_vdevs: list(vdev),
  loaddev: record({ portname: text, lun: text }),
  account: text,
  comments: list(text),
  cschedule: text,
  cshare: text,
  rdomain: text,
  pcif: text,
} satisfies Record<string, Schema>;
const needed = ['userid', 'vcpus', 'memory'];
const userVlan = record({ userid, vlanid: { type: ['integer'], minimum: 1, maximum: 4094 } }, ['userid', 'vlanid']);

/** Bodies of requests, as Feilong checks them. */
export const schemas = {
  createGuest: wrapped('guest', record({ ...guestFields, ...newGuestFields }, needed)),
  createGuestOld: wrapped('guest', record(guestFields, needed)),
  interface: wrapped(
    'interface',
    record({ os_version: osVersion, guest_networks: list(network), active: switchable }, [
      'os_version',
      'guest_networks',
    ]),
  ),
  deleteInterface: wrapped(
    'interface',
    record({ os_version: osVersion, vdev, active: switchable }, ['os_version', 'vdev']),
  ),
  nic: wrapped('nic', record({ vdev: orNull(vdev), nic_id: text, mac_addr: mac, active: switchable })),
  couple: wrapped(
    'info',
    record(
      {
        couple: switchable,
        active: switchable,
        vswitch: vswitchName,
        vlan_id: { type: ['integer'], minimum: -1, maximum: 4094 },
      },
      ['couple'],
    ),
  ),
  createDisks: wrapped('disk_info', record({ disk_list: list(disk) })),
  configureDisks: wrapped('disk_info', record({ disk_list: list(formattedDisk) })),
  deleteDisks: wrapped('vdev_info', record({ vdev_list: list(vdev) })),
  createVswitch: wrapped('vswitch', { type: ['object'], properties: { name: vswitchName }, required: ['name'] }),
  updateVswitch: wrapped('vswitch', record({ grant_userid: userid, user_vlan_id: userVlan, revoke_userid: userid })),
  createImage: wrapped(
    'image',
    record(
      {
        image_name: text,
        url,
        image_meta: record({ os_version: osVersion, md5sum: text, disk_type: text }, ['os_version']),
        remote_host: remoteHost,
      },
      ['image_name', 'url', 'image_meta'],
    ),
  ),
  exportImage: wrapped('location', record({ dest_url: url, remote_host: remoteHost }, ['dest_url'])),
  start: record({ userid, timeout: duration }),
  stop,
  deploy: record(
    {
      image: text,
      transportfiles: text,
      remotehost: remoteHost,
      vdev: orNull(vdev),
      hostname: orNull(text),
      skipdiskcopy: switchable,
    },
    ['image'],
  ),
  capture: record(
    {
      image: text,
      capture_type: { type: ['string'], values: ['rootonly', 'alldisks'] },
      compress_level: { type: ['integer'] },
    },
    ['image'],
  ),
  register: { type: ['object'], properties: { meta: text, net_set: text, port: text }, required: ['meta', 'net_set'] },
  deregister: record({ userid }),
} satisfies Record<string, Schema>;
