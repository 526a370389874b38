import { join } from 'node:path';
import { toolPath } from './place.ts';
import type { Place } from './place.ts';
import { findProcesses, marks } from './processes.ts';

export type ServiceName =
  | 'guest-mounts'
  | 'mariadb'
  | 'rabbitmq'
  | 'keystone'
  | 'placement'
  | 'glance'
  | 'neutron'
  | 'nova-conductor'
  | 'nova-scheduler'
  | 'nova-api'
  | 'nova-compute-a'
  | 'nova-compute-b';

export interface Service {
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Port it listens on; `http` when it answers HTTP there. */
  readonly port?: number;
  readonly http?: boolean;
}

/** Environment of everything that runs for this cloud. */
export function environmentOf(root: string, service: string): Record<string, string> {
  return {
    PATH: toolPath,
    HOME: root,
    LC_ALL: 'C.UTF-8',
    PYTHONWARNINGS: 'ignore',
    PYTHONDONTWRITEBYTECODE: '1',
    // Each thread's own heap would take half of the memory.
    MALLOC_ARENA_MAX: '2',
    ...marks(root, service),
  };
}

const services: Readonly<Record<ServiceName, (place: Place) => Service>> = {
  'guest-mounts': () => ({ command: ['unshare', '--mount', '--propagation', 'private', 'sleep', 'infinity'] }),
  mariadb,
  rabbitmq,
  keystone: (place) =>
    uwsgi(place, place.ports.keystone, '/usr/bin/keystone-wsgi-public', {
      OS_KEYSTONE_CONFIG_FILES: join(place.root, 'etc/keystone.conf'),
    }),
  placement: (place) =>
    uwsgi(place, place.ports.placement, '/usr/bin/placement-api', {
      OS_PLACEMENT_CONFIG_DIR: join(place.root, 'etc/placement'),
    }),
  glance: (place) => web(['glance-api', ...configured(place, 'glance-api.conf')], place.ports.glance),
  neutron: (place) => ({
    ...web(['neutron-server', ...configured(place, 'neutron.conf', 'ml2.conf')], place.ports.neutron),
    env: { PYTHONPATH: `${join(import.meta.dirname, 'neutron-driver')}:${join(place.root, 'python')}` },
  }),
  'nova-conductor': (place) => ({ command: ['nova-conductor', ...configured(place, 'nova.conf')] }),
  'nova-scheduler': (place) => ({ command: ['nova-scheduler', ...configured(place, 'nova.conf')] }),
  'nova-api': (place) => web(['nova-api', ...configured(place, 'nova.conf')], place.ports.nova),
  'nova-compute-a': (place) => compute(place, 'compute-a.conf'),
  'nova-compute-b': (place) => compute(place, 'compute-b.conf'),
};

export function serviceOf(place: Place, name: ServiceName): Service {
  return services[name](place);
}

function configured({ root }: Place, ...files: readonly string[]): string[] {
  return files.map((file) => `--config-file=${join(root, 'etc', file)}`);
}

function web(command: readonly [string, ...string[]], port: number): Service {
  return { command, port, http: true };
}

/** Nothing has to survive the machine: no waiting for its disk. */
function mariadb({ root, ports }: Place): Service {
  const options = [
    '--no-defaults',
    '--user=root',
    `--datadir=${join(root, 'mysql')}`,
    // Relative to the data, as the whole path may be too long for a socket.
    '--socket=mysql.sock',
    '--pid-file=mysql.pid',
    '--bind-address=127.0.0.1',
    `--port=${ports.mariadb}`,
    '--skip-log-bin',
    '--skip-name-resolve',
    '--performance-schema=0',
    '--max-connections=500',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-flush-method=nosync',
    '--innodb-doublewrite=0',
    '--innodb-use-native-aio=0',
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=16M',
    '--character-set-server=utf8mb3',
    '--collation-server=utf8mb3_general_ci',
  ];
  return { command: ['mariadbd', ...options], port: ports.mariadb };
}

function rabbitmq({ root, ports }: Place): Service {
  return {
    command: ['/usr/lib/rabbitmq/bin/rabbitmq-server'],
    port: ports.rabbitmq,
    env: {
      HOME: join(root, 'rabbitmq'),
      RABBITMQ_NODENAME: `lab${ports.rabbitmq}@localhost`,
      RABBITMQ_CONFIG_FILE: join(root, 'etc/rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_ENABLED_PLUGINS_FILE: join(root, 'etc/rabbitmq-plugins'),
      RABBITMQ_MNESIA_BASE: join(root, 'rabbitmq/mnesia'),
      RABBITMQ_LOG_BASE: join(root, 'log'),
      RABBITMQ_DIST_PORT: String(ports.rabbitmqDistribution),
      ERL_EPMD_PORT: String(ports.erlangPortMapper),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
        '+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}',
    },
  };
}

function uwsgi({ root }: Place, port: number, file: string, env: Record<string, string>): Service {
  const command = ['uwsgi_python3', '--ini', join(root, 'etc/uwsgi.ini'), '--wsgi-file', file] as const;
  return { ...web([...command, '--http-socket', `127.0.0.1:${port}`], port), env };
}

function compute(place: Place, file: string): Service {
  const launcher = join(import.meta.dirname, 'nova-driver/launch_nova_compute.py');
  const command = ['/usr/bin/python3', launcher, ...configured(place, file)] as const;
  if (place.bridge === undefined) return { command };
  // In the mount namespace of `guest-mounts`: disks of the servers stay when nova-compute is killed, and end with the cloud.
  const [holder] = findProcesses(place.root, 'guest-mounts');
  return {
    command: ['nsenter', `--mount=/proc/${holder}/ns/mnt`, ...command],
    env: { SIDEGATE_LAB_BRIDGE: place.bridge, SIDEGATE_LAB_GUESTS: join(place.root, 'guests') },
  };
}
