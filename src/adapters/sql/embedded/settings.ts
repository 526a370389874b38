/** Durable like any PostgreSQL, but sized for one small service: some 40 connections, few MB of memory, few background processes. */
const SETTINGS: Readonly<Record<string, string>> = {
  // The private socket directory is the access control.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '40',
  shared_buffers: '32MB',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  jit: 'off',
  io_method: 'sync',
  max_worker_processes: '4',
  max_parallel_workers_per_gather: '0',
  autovacuum_max_workers: '2',
  wal_level: 'replica',
  max_wal_senders: '2',
  max_logical_replication_workers: '0',
  wal_buffers: '2MB',
  wal_compression: 'on',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  checkpoint_timeout: '10min',
  idle_in_transaction_session_timeout: '5min',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // One file per weekday, overwritten a week later. Statements stay out: they are long, and errors reach the caller anyway.
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgresql-%a.log',
  log_rotation_age: '1d',
  log_rotation_size: '0',
  log_truncate_on_rotation: 'on',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
};

/** For tests: several of them use one server at the same time. */
const HASTY: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '150',
};

export function settingArguments(durable: boolean): readonly string[] {
  const settings = durable ? SETTINGS : { ...SETTINGS, ...HASTY };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Nothing of our own environment: PG* variables and secrets are not PostgreSQL's business. English, so that logs can be read by all. */
export const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
