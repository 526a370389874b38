/** The part of JSON Schema that Feilong's own schemas use, with the messages of Python's jsonschema. */
export interface Schema {
  readonly type: readonly SchemaType[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: RegExp;
  readonly minimum?: number;
  readonly maxLength?: number;
  /** Properties that are not listed are refused. */
  readonly closed?: true;
}

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';

const text: Schema = { type: ['string'] };
const userid: Schema = { type: ['string'], maxLength: 8, pattern: /^[a-zA-Z0-9]{1,8}$/ };
const positive: Schema = { type: ['integer', 'string'], minimum: 1, pattern: /^[0-9]*$/ };
const duration: Schema = { type: ['integer', 'string'], minimum: 0, pattern: /^[0-9]*$/ };
const switchable: Schema = { type: ['boolean', 'string'] };
const vdev: Schema = { type: ['string'], maxLength: 4, pattern: /^[0-9a-fA-F]{0,4}$/ };
const vdevOrNone: Schema = { ...vdev, type: ['string', 'null'] };
const mac: Schema = { type: ['string'], pattern: /^([0-9a-fA-F]{2})(:[0-9a-fA-F]{2}){5}$/ };
const osVersion: Schema = { type: ['string'], pattern: /^(rhel|redhat|sles|suse|ubuntu|rhcos)\d+([.]\d+|sp\d)*$/i };

const disk = record(
  { size: text, format: text, is_boot_disk: switchable, vdev, disk_pool: { ...text, pattern: /^\w+:\w+$/ } },
  ['size'],
);

const network: Schema = {
  type: ['object'],
  properties: { ip_addr: text, gateway_addr: text, cidr: text, mac_addr: mac, nic_id: text, nic_vdev: vdev },
};

export const schemas = {
  createGuest: record(
    {
      guest: record(
        {
          userid,
          vcpus: positive,
          memory: positive,
          disk_list: { type: ['array'], items: disk },
          user_profile: { ...userid, type: ['string', 'null'] },
          max_cpu: { type: ['integer'], minimum: 1 },
          max_mem: text,
          ipl_from: text,
          ipl_param: text,
          ipl_loadparam: text,
          account: text,
          comments: { type: ['array'], items: text },
        },
        ['userid', 'vcpus', 'memory'],
      ),
    },
    ['guest'],
  ),
  interface: record(
    {
      interface: record(
        { os_version: osVersion, guest_networks: { type: ['array'], items: network }, active: switchable },
        ['os_version', 'guest_networks'],
      ),
    },
    ['interface'],
  ),
  nic: record({ nic: record({ vdev: vdevOrNone, nic_id: text, mac_addr: mac, active: switchable }, []) }, ['nic']),
  image: record(
    {
      image: record(
        {
          image_name: text,
          url: text,
          image_meta: record({ os_version: osVersion, md5sum: text, disk_type: text }, ['os_version']),
          remote_host: text,
        },
        ['image_name', 'url', 'image_meta'],
      ),
    },
    ['image'],
  ),
  start: record({ timeout: duration }, []),
  stop: record({ timeout: duration, poll_interval: duration }, []),
  deploy: record(
    {
      image: text,
      transportfiles: text,
      remotehost: text,
      vdev: vdevOrNone,
      hostname: { ...text, type: ['string', 'null'] },
      skipdiskcopy: switchable,
    },
    ['image'],
  ),
  register: { type: ['object'], properties: { meta: text, net_set: text }, required: ['meta', 'net_set'] },
  deregister: record({}, []),
} satisfies Record<string, Schema>;

function record(properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
  return { type: ['object'], properties, required, closed: true };
}
