import { join } from 'node:path';
import { runCommand } from '../gerrit/run-command.ts';
import { databaseUrl, messagingUrl, password } from './configuration.ts';
import type { Place } from './place.ts';
import { environmentOf } from './services.ts';

const names = ['keystone', 'placement', 'glance', 'nova_api', 'nova', 'nova_cell0', 'neutron'];

/** What every Nova calls the cell of servers that never got to a host. */
const CELL0 = '00000000-0000-0000-0000-000000000000';
const CELL1 = '11111111-1111-4111-8111-111111111111';

/** Makes the folder of a new MariaDB, which is not running yet. */
export async function installMariadb(root: string): Promise<void> {
  const options = ['--no-defaults', '--user=root', `--datadir=${join(root, 'mysql')}`, '--skip-test-db'];
  await run(root, 'mariadb-install-db', [...options, '--auth-root-authentication-method=normal']);
}

export async function createDatabases(place: Place): Promise<void> {
  const grants = names.map((name) => `CREATE DATABASE ${name}; GRANT ALL ON ${name}.* TO 'lab'@'127.0.0.1';`);
  await runSql(place, `CREATE USER 'lab'@'127.0.0.1' IDENTIFIED BY '${password}'; ${grants.join(' ')}`);
}

/** Tables, and the first user. */
export async function syncKeystone(place: Place): Promise<void> {
  const file = `--config-file=${join(place.root, 'etc/keystone.conf')}`;
  const url = `http://127.0.0.1:${place.ports.keystone}/v3`;
  await run(place.root, 'keystone-manage', [file, 'db_sync']);
  const urls = ['public', 'internal', 'admin'].flatMap((kind) => [`--bootstrap-${kind}-url`, url]);
  const options = ['--bootstrap-password', password, '--bootstrap-region-id', 'RegionOne', ...urls];
  await run(place.root, 'keystone-manage', [file, 'bootstrap', ...options]);
}

export async function syncPlacement({ root }: Place): Promise<void> {
  await run(root, 'placement-manage', ['--config-dir', join(root, 'etc/placement'), 'db', 'sync']);
}

export async function syncGlance({ root }: Place): Promise<void> {
  await run(root, 'glance-manage', [`--config-file=${join(root, 'etc/glance-api.conf')}`, 'db_sync']);
}

export async function syncNeutron({ root }: Place): Promise<void> {
  const files = ['neutron.conf', 'ml2.conf'].map((name) => `--config-file=${join(root, 'etc', name)}`);
  await run(root, 'neutron-db-manage', [...files, 'upgrade', 'head']);
}

export async function syncNova(place: Place): Promise<void> {
  const file = `--config-file=${join(place.root, 'etc/nova.conf')}`;
  const sync = (...command: string[]) => run(place.root, 'nova-manage', [file, ...command]);
  await Promise.all([sync('api_db', 'sync'), sync('db', 'sync', '--local_cell')]);
  await Promise.all([pointCells(place), copyTables(place, 'nova', 'nova_cell0')]);
}

/** Puts new compute hosts into the cell; without it a server that is scheduled there fails. */
export async function discoverHosts({ root }: Place): Promise<void> {
  const file = `--config-file=${join(root, 'etc/nova.conf')}`;
  await run(root, 'nova-manage', [file, 'cell_v2', 'discover_hosts', '--by-service']);
}

/** The tables of both are the same, and a copy takes no second of python. */
async function copyTables(place: Place, from: string, to: string): Promise<void> {
  const client = clientOptions(place);
  const pipe = `mariadb-dump ${client.join(' ')} ${from} | mariadb ${client.join(' ')} ${to}`;
  await run(place.root, '/bin/bash', ['-o', 'pipefail', '-c', pipe]);
}

/** As `nova-manage cell_v2 map_cell0` and `create_cell` do; says the new addresses where the cells exist. */
export async function pointCells(place: Place): Promise<void> {
  const rows = [
    `('${CELL0}', 'cell0', 'none:///', '${databaseUrl(place, 'nova_cell0')}', 0)`,
    `('${CELL1}', 'cell1', '${messagingUrl(place)}', '${databaseUrl(place, 'nova')}', 0)`,
  ];
  const columns = 'uuid, name, transport_url, database_connection, disabled';
  const newer = ['transport_url', 'database_connection'].map((name) => `${name} = VALUES(${name})`);
  await runSql(
    place,
    `INSERT INTO nova_api.cell_mappings (${columns}) VALUES ${rows.join(', ')} ON DUPLICATE KEY UPDATE ${newer.join(', ')}`,
  );
}

export async function runSql(place: Place, sql: string): Promise<void> {
  await run(place.root, 'mariadb', [...clientOptions(place), '--execute', sql]);
}

function clientOptions({ ports }: Place): string[] {
  return ['--no-defaults', '--protocol=tcp', '--host=127.0.0.1', `--port=${ports.mariadb}`, '--user=root'];
}

async function run(root: string, program: string, args: readonly string[]): Promise<void> {
  await runCommand(program, args, { cwd: root, env: environmentOf(root, program) });
}
