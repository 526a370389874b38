import { join } from 'node:path';

/** Servers are made, listed and deleted: half a minute of tempest. */
const quickTests = [
  'test_create_server\\.ServersTestJSON\\.',
  'test_delete_server\\.DeleteServersTestJSON\\.test_delete_(server_while_in_building_state|active_server)',
].join('|');

/** They are stopped, paused and rebooted too; a stop alone takes 15 s in Feilong. */
export const thoroughTests = `${quickTests}|test_server_actions\\.ServerActionsTestJSON\\.test_(stop_start_server|pause_unpause_server|reboot_server_hard)`;

interface JobOptions {
  readonly label: string;
  readonly backend: string;
  /** Of the Feilongs that may have to copy files from the worker. */
  readonly publicKeys: readonly string[];
  readonly tests: string | undefined;
  /** Builds tried when infrastructure fails. */
  readonly attempts: number;
  /** PEM that the worker's nova trusts when its guard speaks TLS. */
  readonly certificate: string | undefined;
}

/** The job as it stands in sidegate.yaml: the shipped one, but that packages bring up OpenStack instead of devstack. */
export function jobOf({ label, backend, publicKeys, tests = quickTests, attempts, certificate }: JobOptions): object {
  const own = (name: string) => ({ name, script: join(import.meta.dirname, 'job', `${name}.sh`) });
  const shipped = (name: string, folder = 'zvm-devstack-tempest') => ({
    name,
    script: join(import.meta.dirname, '../../jobs', folder, `${name}.sh`),
  });
  return {
    name: 'zvm-tempest',
    label,
    backend,
    timeout: '20m',
    attempts,
    test_results: 'testrepository.subunit',
    test_results_again: 'testrepository-again.subunit',
    test_selection: 'selection.txt',
    environment: {
      FEILONG_PUBLIC_KEYS: publicKeys.join('\n'),
      TEMPEST_INCLUDE: tests,
      TEMPEST_EXCLUDE: '2999-01-01 test_create_server_with_ipv6 the lab has no IPv6',
      ...(certificate !== undefined && { GUARD_CERTIFICATE: certificate }),
    },
    phases: [
      shipped('fetch', 'shared'),
      own('provision'),
      own('stack'),
      shipped('tempest'),
      { ...shipped('collect'), always: true, timeout: '3m' },
    ],
  };
}
