import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toolPath } from '../openstack/place.ts';
import { findProcesses, killProcesses, marks } from '../openstack/processes.ts';
import { accepts, answers, launch } from '../openstack/run-service.ts';
import type { FeilongPlace } from './place.ts';
import { installationOf } from './releases.ts';

/** `sdkserver` does the work, `rest` is its HTTP side. */
export type FeilongService = 'sdkserver' | 'rest';

const separate = '--mount --pid --fork --kill-child --propagation private';
const asUser = 'setpriv --reuid=zvmsdk --regid=zvmsdk --init-groups';

/** The Linux under z/VM; with it end all processes in it. */
export async function startMachine({ root, release }: FeilongPlace): Promise<void> {
  const { venv } = await installationOf(release);
  const script = join(import.meta.dirname, 'machine.sh');
  await launch({
    root,
    name: 'machine',
    command: ['unshare', ...words(separate), '/bin/bash', script, root, ...(venv === undefined ? [] : [venv])],
    env: { PATH: toolPath, LC_ALL: 'C.UTF-8', ...marks(root, 'machine') },
    ready: async () => existsSync(join(root, 'feilong/booted')),
  });
}

export async function startService(place: FeilongPlace, name: FeilongService): Promise<void> {
  const { address, restPort, root, sdkPort } = place;
  await launch({
    root,
    name,
    command: ['nsenter', ...insideOf(root), ...words(asUser), ...(await commandOf(place, name))],
    env: {
      // Its programs come first, or the host's would be run.
      PATH: `/opt/mainframe/bin:${toolPath}`,
      PYTHONPATH: '/opt/mainframe/python',
      HOME: '/var/lib/zvmsdk',
      USER: 'zvmsdk',
      LOGNAME: 'zvmsdk',
      LC_ALL: 'C.UTF-8',
      PYTHONDONTWRITEBYTECODE: '1',
      ...marks(root, name),
    },
    ready: () => (name === 'sdkserver' ? accepts(sdkPort) : answers(`http://${address}:${restPort}/`)),
  });
}

/** SIGKILL. Programs it had started as root go on, as they do on a real machine. */
export function killService({ root }: FeilongPlace, name: FeilongService): Promise<void> {
  return killProcesses(root, name);
}

function insideOf(root: string): readonly string[] {
  const [holder] = findProcesses(root, 'machine').toSorted((one, other) => one - other);
  const spaces = `/proc/${holder}/ns`;
  return [`--mount=${spaces}/mnt`, `--pid=${spaces}/pid_for_children`];
}

async function commandOf({ release, address, restPort }: FeilongPlace, name: FeilongService): Promise<string[]> {
  const { python, sdkserver, venv, wsgi } = await installationOf(release);
  if (name === 'sdkserver') return [python, sdkserver];
  const server = 'uwsgi_python3 --plugin python3 --master --lazy-apps --need-app --die-on-term --enable-threads';
  const sizes = '--threads 16 --processes 1 --buffer-size 65535';
  const place = [...(venv === undefined ? [] : ['--virtualenv', '/opt/feilong']), '--wsgi-file', wsgi];
  // It closes after each answer without saying so, and clients that keep the connection would lose their next call.
  const http = ['--add-header', 'Connection: close', '--http-socket', `${address}:${restPort}`];
  return [...words(server), ...words(sizes), ...place, ...http];
}

function words(text: string): readonly string[] {
  return text.split(' ');
}
