import { join } from 'node:path';
import type { Place, Sections } from './place.ts';

/** Of MariaDB's user, Keystone's admin and the services' user. */
export const password = 'secret';

export function databaseUrl(place: Place, name: string): string {
  return `mysql+pymysql://lab:${password}@127.0.0.1:${place.ports.mariadb}/${name}`;
}

export function messagingUrl(place: Place): string {
  return `rabbit://guest:guest@127.0.0.1:${place.ports.rabbitmq}//`;
}

/** Contents of the services' configuration files, by path below `etc`. */
export function configurations(place: Place): Record<string, Sections> {
  return {
    'keystone.conf': keystone(place),
    'placement/placement.conf': placement(place),
    'glance-api.conf': glance(place),
    'nova.conf': nova(place),
    'neutron.conf': neutron(place),
    'ml2.conf': ml2(),
    ...Object.fromEntries(computeHostsOf(place).map((host) => [`${host}.conf`, compute(place, host)])),
    'uwsgi.ini': uwsgi(),
  };
}

/** One per availability zone. */
export function computeHostsOf({ compute }: Pick<Place, 'compute'>) {
  return compute === 'namespaces' ? (['compute-a', 'compute-b'] as const) : (['compute-a'] as const);
}

function keystone(place: Place): Sections {
  const { root } = place;
  return {
    DEFAULT: { log_file: join(root, 'log/keystone.log') },
    database: { connection: databaseUrl(place, 'keystone') },
    token: { provider: 'fernet', expiration: place.tokenLifetime },
    fernet_tokens: { key_repository: join(root, 'fernet-keys') },
    fernet_receipts: { key_repository: join(root, 'fernet-keys') },
    credential: { key_repository: join(root, 'credential-keys') },
    identity: { password_hash_rounds: 4 },
    // No `backend`: dogpile's memory one gives cached objects out to be changed, and answers break.
    cache: { enabled: true },
    ...quiet,
  };
}

function placement(place: Place): Sections {
  return {
    DEFAULT: { log_file: join(place.root, 'log/placement.log') },
    api: { auth_strategy: 'keystone' },
    placement_database: { connection: databaseUrl(place, 'placement') },
    ...tokenChecks(place),
  };
}

function glance(place: Place): Sections {
  const { root, ports } = place;
  return {
    DEFAULT: {
      log_file: join(root, 'log/glance.log'),
      bind_host: '127.0.0.1',
      bind_port: ports.glance,
      workers: 0,
      enabled_backends: 'file:file',
    },
    database: { connection: databaseUrl(place, 'glance') },
    glance_store: { default_backend: 'file' },
    file: { filesystem_store_datadir: join(root, 'images') },
    os_glance_tasks_store: { filesystem_store_datadir: join(root, 'glance/tasks') },
    os_glance_staging_store: { filesystem_store_datadir: join(root, 'glance/staging') },
    oslo_concurrency: { lock_path: join(root, 'run') },
    paste_deploy: { flavor: 'keystone', config_file: '/etc/glance/glance-api-paste.ini' },
    ...tokenChecks(place),
    ...quiet,
  };
}

function nova(place: Place): Sections {
  const { root, ports } = place;
  const { driver, settings } =
    place.compute === 'namespaces' ? { driver: 'sidegate_lab.NamespaceDriver', settings: {} } : place.compute;
  const sections: Sections = {
    DEFAULT: {
      host: 'controller',
      log_dir: join(root, 'log'),
      state_path: join(root, 'nova'),
      my_ip: '127.0.0.1',
      transport_url: messagingUrl(place),
      compute_driver: driver,
      enabled_apis: 'osapi_compute',
      osapi_compute_listen: '127.0.0.1',
      osapi_compute_listen_port: ports.nova,
      osapi_compute_workers: 1,
      // Neutron has no agent that would say so: our mechanism driver binds at once.
      vif_plugging_is_fatal: false,
      vif_plugging_timeout: 0,
      resume_guests_state_on_host_boot: false,
      sync_power_state_interval: 30,
      running_deleted_instance_action: 'reap',
    },
    wsgi: { api_paste_config: '/etc/nova/api-paste.ini' },
    api: { auth_strategy: 'keystone' },
    api_database: { connection: databaseUrl(place, 'nova_api') },
    database: { connection: databaseUrl(place, 'nova') },
    conductor: { workers: 1 },
    scheduler: { workers: 1 },
    filter_scheduler: {
      enabled_filters: 'AvailabilityZoneFilter,ComputeFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter',
    },
    glance: { api_servers: `http://127.0.0.1:${ports.glance}` },
    placement: serviceUser(place),
    neutron: serviceUser(place),
    vnc: { enabled: false },
    key_manager: { backend: 'nova.keymgr.conf_key_mgr.ConfKeyManager' },
    oslo_concurrency: { lock_path: join(root, 'run') },
    ...tokenChecks(place),
    ...quiet,
  };
  return withSettings(sections, settings);
}

function withSettings(sections: Sections, settings: Sections): Sections {
  const changed = Object.entries(settings).map(([name, values]) => [name, { ...sections[name], ...values }]);
  return { ...sections, ...(Object.fromEntries(changed) as Sections) };
}

/** A compute host may not see the databases. */
function compute(place: Place, host: string): Sections {
  const { api_database: _api, database: _cell, DEFAULT, ...others } = nova(place);
  return { ...others, DEFAULT: { ...DEFAULT, host, log_file: `nova-${host}.log` } };
}

function neutron(place: Place): Sections {
  const { root, ports } = place;
  return {
    DEFAULT: {
      log_dir: join(root, 'log'),
      state_path: join(root, 'neutron'),
      bind_host: '127.0.0.1',
      bind_port: ports.neutron,
      core_plugin: 'ml2',
      service_plugins: 'router',
      transport_url: messagingUrl(place),
      api_workers: 0,
      rpc_workers: 0,
      rpc_state_report_workers: 0,
      api_paste_config: '/etc/neutron/api-paste.ini',
      // By these Nova shows a floating address within a second.
      notify_nova_on_port_status_changes: true,
      notify_nova_on_port_data_changes: true,
      dhcp_agent_notification: false,
    },
    database: { connection: databaseUrl(place, 'neutron') },
    nova: serviceUser(place),
    placement: serviceUser(place),
    oslo_concurrency: { lock_path: join(root, 'run') },
    ...tokenChecks(place),
    ...quiet,
  };
}

function ml2(): Sections {
  return {
    ml2: {
      type_drivers: 'flat,local',
      tenant_network_types: 'local',
      mechanism_drivers: 'sidegate_lab',
      extension_drivers: 'port_security',
    },
    ml2_type_flat: { flat_networks: 'public,lan' },
    securitygroup: { enable_security_group: true },
  };
}

function uwsgi(): Sections {
  return {
    uwsgi: {
      plugin: 'python3',
      master: true,
      'lazy-apps': true,
      'enable-threads': true,
      threads: 8,
      processes: 1,
      'die-on-term': true,
      'buffer-size': 65_535,
      'need-app': true,
      // Its HTTP server closes after each answer, but does not say so.
      'add-header': 'Connection: close',
      'disable-logging': true,
    },
  };
}

function serviceUser({ ports }: Place): Record<string, string> {
  return {
    auth_url: `http://127.0.0.1:${ports.keystone}/v3`,
    auth_type: 'password',
    project_domain_name: 'Default',
    user_domain_name: 'Default',
    project_name: 'service',
    username: 'services',
    password,
    region_name: 'RegionOne',
  };
}

function tokenChecks(place: Place): Sections {
  return {
    keystone_authtoken: {
      ...serviceUser(place),
      www_authenticate_uri: `http://127.0.0.1:${place.ports.keystone}/v3`,
      token_cache_time: place.tokenCacheTime,
      service_token_roles_required: false,
    },
  };
}

const quiet: Sections = { oslo_messaging_notifications: { driver: 'noop' } };
