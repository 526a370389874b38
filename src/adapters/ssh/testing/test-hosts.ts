import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { startOpenstackSimulator } from '../../../../simulators/openstack/simulator.ts';
import { bootServer, createApiClient } from '../../../../simulators/openstack/testing/api-client.ts';
import { freePort } from '../../../demo/free-port.ts';
import { hostKeysOf } from '../../../domain/host-keys.ts';
import type { RemoteHost } from '../../../ports/remote-jobs.ts';
import { sleep } from '../../../shared/clock.ts';
import { generateSshKey } from '../../../shared/generate-ssh-key.ts';

/** A machine to run jobs on, whose home directory the test can look into. */
export interface TestHost {
  readonly host: RemoteHost;
  readonly privateKey: string;
  readonly home: string;
  close(): Promise<void>;
}

/** A server of the simulated cloud. */
export async function startSimulatedHost(): Promise<TestHost> {
  const directory = await mkdtemp(join(tmpdir(), 'ssh-adapter-'));
  const simulator = await startOpenstackSimulator({ directory, bootDelay: 0 });
  const key = generateSshKey('test');
  const api = await createApiClient(simulator.authUrl);
  const { id, address } = await bootServer(api, key.publicKey);
  const console = await api.call<{ output: string }>('POST', `/compute/v2.1/servers/${id}/action`, {
    'os-getConsoleOutput': {},
  });
  return {
    host: { address, port: simulator.sshPort, user: 'zuul', hostKeys: hostKeysOf(console.output) },
    privateKey: key.privateKey,
    home: join(directory, 'servers', id, 'home'),
    close: async () => {
      await simulator.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Why there is no OpenSSH server to test with; undefined: there is one. */
export function whyNoOpenssh(): string | undefined {
  const program = findSshd();
  if (program === undefined) return 'no sshd on this machine';
  const { uid, shell } = userInfo();
  if (/\/(nologin|false)$/.test(shell ?? '')) return 'the user may not log in';
  if (uid !== 0) return undefined;
  // Without a configuration's own faults, what is left is the user and the folder of the package.
  const { status, stderr } = spawnSync(program, ['-T', '-f', '/dev/null'], { encoding: 'utf8' });
  return status === 0 || /hostkeys/i.test(stderr) ? undefined : `sshd does not run here: ${stderr.trim()}`;
}

/** The machine's own sshd for the user of the test, on a port and with a home directory of its own. */
export async function startOpensshHost(): Promise<TestHost> {
  const directory = await mkdtemp(join(tmpdir(), 'ssh-adapter-'));
  const home = join(directory, 'home');
  await mkdir(home);
  const [key, hostKey, port] = [generateSshKey('test'), generateSshKey('host'), await freePort(0)];
  await writeFile(join(directory, 'host-key'), hostKey.privateKey, { mode: 0o600 });
  await writeFile(join(directory, 'authorized'), key.publicKey, { mode: 0o600 });
  const configuration = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(directory, 'host-key')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    `AuthorizedKeysFile ${join(directory, 'authorized')}`,
    `ForceCommand export HOME='${home}'; exec sh -c "$SSH_ORIGINAL_COMMAND"`,
  ];
  await writeFile(join(directory, 'sshd_config'), `${configuration.join('\n')}\n`);
  const sshd = spawn(findSshd()!, ['-D', '-e', '-f', join(directory, 'sshd_config')], { stdio: 'ignore' });
  const ended = once(sshd, 'exit');
  await waitForPort(port);
  return {
    host: {
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      hostKeys: [hostKey.publicKey.split(' ').slice(0, 2).join(' ')],
    },
    privateKey: key.privateKey,
    home,
    close: async () => {
      sshd.kill();
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function findSshd(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, 'sshd')).find((path) => existsSync(path));
}

async function waitForPort(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = createConnection(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await sleep(50);
  }
  throw new Error('sshd does not listen');
}
