import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.ts';
import type { Child } from './child.ts';

export interface Simulators {
  readonly gerrit: Child<{ readonly url: string; readonly sshPort: number; readonly hostKey: string }>;
  readonly openstack: Child<{ readonly authUrl: string; readonly sshPort: number }>;
  readonly zvm: Child<{ readonly url: string }>;
  stop(): Promise<void>;
}

export interface SimulatorOptions {
  readonly directory: string;
  /** Accounts and projects of the simulated Gerrit; see simulators/gerrit. */
  readonly gerritSeed: object;
  /** Milliseconds a test server takes to boot. */
  readonly bootDelay: number;
  /** Quota of the simulated cloud. */
  readonly instances?: number;
  /** Fixed ports for a Gerrit that is to be restarted. */
  readonly gerritPorts?: { readonly http: number; readonly ssh: number };
}

/** Folder of the checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Starts the three neighbours of sidegate as programs of their own. */
export async function startSimulators(options: SimulatorOptions): Promise<Simulators> {
  await mkdir(options.directory, { recursive: true });
  const [gerrit, openstack, zvm] = await Promise.all([
    startGerrit(options),
    startOpenstack(options),
    startZvm(options),
  ]);
  return {
    gerrit,
    openstack,
    zvm,
    stop: async () => {
      await Promise.all([gerrit.stop(), openstack.stop(), zvm.stop()]);
    },
  };
}

export async function startGerrit({
  directory,
  gerritSeed,
  gerritPorts,
}: SimulatorOptions): Promise<Simulators['gerrit']> {
  const seed = join(directory, 'gerrit-seed.json');
  await writeFile(seed, JSON.stringify(gerritSeed, null, 2), { mode: 0o600 });
  const ports = gerritPorts ? ['--http-port', String(gerritPorts.http), '--ssh-port', String(gerritPorts.ssh)] : [];
  return simulator('gerrit', directory, ['--directory', join(directory, 'gerrit'), '--seed', seed, ...ports]);
}

export function startOpenstack({
  directory,
  bootDelay,
  instances = 10,
}: Pick<SimulatorOptions, 'directory' | 'bootDelay' | 'instances'>): Promise<Simulators['openstack']> {
  return simulator('openstack', directory, [
    '--directory',
    join(directory, 'openstack'),
    '--boot-delay',
    String(bootDelay),
    '--instances',
    String(instances),
  ]);
}

export function startZvm({ directory }: Pick<SimulatorOptions, 'directory'>): Promise<Simulators['zvm']> {
  return simulator('zvm', directory, []);
}

function simulator<Ready>(name: string, directory: string, args: readonly string[]): Promise<Child<Ready>> {
  return startChild<Ready>({
    name: `the simulated ${name}`,
    command: [join(root, 'simulators', name, 'main.ts'), ...args, '--until-stdin-closes'],
    logFile: join(directory, `${name}.log`),
  });
}
