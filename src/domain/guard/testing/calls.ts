/** Bodies as nova's z/VM driver and networking-zvm send them. */
export const bodies = {
  create: { guest: { userid: 'ZA000001', vcpus: 1, memory: 512, disk_list: [{ size: '1g', is_boot_disk: true }] } },
  deploy: {
    action: 'deploy',
    image: 'image-1',
    transportfiles: '/opt/stack/data/nova/instances/a9f6bc2b/cfgdrive.iso',
    remotehost: 'stack@192.0.2.7',
  },
  import: {
    image: {
      image_name: 'image-1',
      url: 'file:///opt/stack/data/nova/zvmimages/image-1',
      image_meta: { os_version: 'rhel7.2' },
      remote_host: 'stack@192.0.2.7',
    },
  },
  export: { location: { dest_url: 'file:///opt/stack/data/nova/zvmimages/image-1', remote_host: 'stack@192.0.2.7' } },
  interface: {
    interface: {
      os_version: 'rhel7.2',
      guest_networks: [
        {
          ip_addr: '10.100.0.2',
          gateway_addr: '10.100.0.1',
          cidr: '10.100.0.0/28',
          mac_addr: 'fa:16:3e:8a:7e:61',
          nic_id: '3a44ba8f-7141-44b3-b237-fa27ff5caa7f',
        },
      ],
    },
  },
  noInterface: { interface: { os_version: 'rhel7.2', vdev: '1000' } },
  nic: { nic: { vdev: '1000', mac_addr: '02:00:00:a0:00:01' } },
  couple: { info: { couple: true, vswitch: 'VSW2', vlan_id: -1 } },
  disks: { disk_info: { disk_list: [{ size: '1g', format: 'ext4' }] } },
  /** nova's ephemeral disks have no vdev. */
  formats: { disk_info: { disk_list: [{ size: '1g', format: 'ext4' }] } },
  noDisks: { vdev_info: { vdev_list: ['0101'] } },
  grant: { vswitch: { grant_userid: 'ZA000001' } },
} as const;

interface SampleCall {
  readonly decision: 'forward' | 'refuse';
  readonly query?: string;
  readonly body?: unknown;
}

const goes = (body?: unknown): SampleCall => ({ decision: 'forward', body });
const refused = (body?: unknown): SampleCall => ({ decision: 'refuse', body });

/** For every route of Feilong a call that is as right as it can be, and what becomes of it. */
export const calls: Readonly<Record<string, SampleCall>> = {
  'GET /': goes(),
  'POST /guests': goes(bodies.create),
  'GET /guests': goes(),
  'GET /guests/stats': { decision: 'forward', query: '?userid=ZA000001' },
  'GET /guests/interfacestats': { decision: 'forward', query: '?userid=ZA000001' },
  'GET /guests/nics': goes(),
  'DELETE /guests/{userid}': goes(),
  'GET /guests/{userid}': goes(),
  'POST /guests/{userid}/action': goes(bodies.deploy),
  'GET /guests/{userid}/info': goes(),
  'GET /guests/{userid}/os_info': goes(),
  'GET /guests/{userid}/online_cpu_num': goes(),
  'GET /guests/{userid}/user_direct': goes(),
  'GET /guests/{userid}/adapters': goes(),
  'GET /guests/{userid}/power_state': goes(),
  'GET /guests/{userid}/power_state_real': goes(),
  'POST /guests/{userid}/nic': goes(bodies.nic),
  'DELETE /guests/{userid}/nic/{vdev}': goes({ active: false }),
  'PUT /guests/{userid}/nic/{vdev}': goes(bodies.couple),
  'POST /guests/{userid}/interface': goes(bodies.interface),
  'DELETE /guests/{userid}/interface': goes(bodies.noInterface),
  'GET /guests/{userid}/disks': goes(),
  'POST /guests/{userid}/disks': goes(bodies.disks),
  'PUT /guests/{userid}/disks': goes(bodies.formats),
  'DELETE /guests/{userid}/disks': goes(bodies.noDisks),
  'GET /host': goes(),
  'GET /host/guests': goes(),
  'GET /host/diskpool': { decision: 'forward', query: '?poolname=ECKD:POOL1' },
  'GET /smapi_health': goes(),
  'GET /smapi-healthy': goes(),
  'POST /images': goes(bodies.import),
  'GET /images': { decision: 'forward', query: '?imagename=image-1' },
  'DELETE /images/{name}': goes(),
  'PUT /images/{name}': goes(bodies.export),
  'GET /images/{name}/root_disk_size': goes(),
  'GET /vswitches': goes(),
  'PUT /vswitches/{name}': goes(bodies.grant),
  // Everybody's: who is on a switch, what the system is made of, its storage, files of Feilong's machine, its tokens.
  'GET /vswitches/{name}': refused(),
  'POST /vswitches': refused({ vswitch: { name: 'VSW2' } }),
  'DELETE /vswitches/{name}': refused(),
  'GET /vswitch': refused({ portid: '1' }),
  'GET /host/diskpool_volumes': refused(),
  'GET /host/volume': refused(),
  'GET /host/ssi': refused(),
  'POST /guests/volumes': refused({ info: { connection: { assigner_id: 'ZA000001' } } }),
  'DELETE /guests/volumes': refused({ info: { connection: { assigner_id: 'ZA000001' } } }),
  'GET /volumes/conn/{userid}': refused(),
  'POST /volumes/fcptemplates': refused({ name: 'x' }),
  'GET /volumes/fcptemplates': refused(),
  'GET /volumes/fcptemplates/detail': refused(),
  'DELETE /volumes/fcptemplates/{template_id}': refused(),
  'PUT /volumes/fcptemplates/{template_id}': refused({ name: 'x' }),
  'GET /volumes/fcp': refused(),
  'GET /volumes/fcp/{fcp_id}': refused(),
  'PUT /volumes/fcp/{fcp_id}': refused({ info: { userid: 'ZA000001' } }),
  'PUT /volumes/volume_refresh_bootmap': refused({ info: {} }),
  'PUT /files': refused(),
  'POST /files': refused({ source_file: '/etc/passwd' }),
  'POST /token': refused(),
};
