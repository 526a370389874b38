import { runCommand } from '../gerrit/run-command.ts';

/** Debian's; `nova-compute` is not among them: it would bring libvirt along, and python3-nova is enough for our driver. */
const needed = [
  'keystone',
  'placement-api',
  'glance-api',
  'nova-api',
  'nova-conductor',
  'nova-scheduler',
  'python3-nova',
  'neutron-server',
  'mariadb-server',
  'rabbitmq-server',
  'python3-openstackclient',
  'python3-pymysql',
  'uwsgi-core',
  'uwsgi-plugin-python3',
  'iproute2',
  'procps',
  'openssh-server',
] as const;

/** `NAME VERSION` of each package; throws with the way to get them when some are missing. */
export async function installedVersions(wanted: readonly string[] = needed): Promise<readonly string[]> {
  const format = '${db:Status-Abbrev}${Package} ${Version}\\n';
  const listed = await runCommand('dpkg-query', ['--show', '--showformat', format]).catch(() => '');
  const installed = new Map(
    listed.split('\n').flatMap((line) => {
      const [status, name, version] = line.split(' ').filter(Boolean);
      return status === 'ii' && name && version ? [[name, version] as const] : [];
    }),
  );
  const missing = wanted.filter((name) => !installed.has(name));
  if (missing.length > 0)
    throw new Error(
      `The lab needs Debian packages (bookworm): apt-get install --yes --no-install-recommends ${missing.join(' ')}`,
    );
  return wanted.map((name) => `${name} ${installed.get(name)}`);
}
