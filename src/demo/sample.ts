import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { eraseEmbeddedPostgres } from '../adapters/sql/embedded/embedded-postgres.ts';
import { generateSshKey } from '../shared/generate-ssh-key.ts';
import { SidegateError } from '../domain/errors.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';
import { guestsOfHost } from './find-leftovers.ts';
import { freePort } from './free-port.ts';
import { gerritSeed } from './gerrit-seed.ts';
import { root, startSimulators } from './simulators.ts';
import type { Simulators } from './simulators.ts';
import { writeConfiguration } from './write-configuration.ts';

export interface SampleOptions {
  readonly directory: string;
  readonly bootDelay: number;
  /** Milliseconds between the steps of the example's tests. */
  readonly pace: number;
  readonly say: (text: string) => void;
}

/** The whole picture, running: three simulated neighbours and sidegate exactly as in production. */
export interface Sample {
  readonly directory: string;
  readonly config: string;
  readonly statusUrl: string;
  readonly gerritUrl: string;
  /** Userids z/VM had before: systems of its own. */
  readonly foreignGuests: readonly string[];
  readonly simulators: Simulators;
  readonly sidegate: Child<{ readonly url: string }>;
  /** Stops everything, sidegate first. */
  stop(): Promise<void>;
}

const preferredPort = 8000;

export async function startSample({ directory: folder, bootDelay, pace, say }: SampleOptions): Promise<Sample> {
  const directory = resolve(folder);
  await startAfresh(directory);
  const ci = await writeGerritAccount(directory);
  say('Starting a simulated Gerrit, OpenStack and z/VM (real servers speaking the real protocols) …');
  const simulators = await startSimulators({ directory, gerritSeed: gerritSeed(ci), bootDelay });
  try {
    const webPort = await freePort(preferredPort);
    const config = await writeConfiguration({ directory, simulators, webPort, pace });
    say('Starting sidegate with its embedded PostgreSQL …');
    const sidegate = await startSidegate(config, directory);
    return {
      directory,
      config,
      statusUrl: sidegate.ready.url,
      gerritUrl: simulators.gerrit.ready.url,
      foreignGuests: await guestsOfHost(simulators.zvm.ready.url),
      sidegate,
      simulators,
      stop: () => stopAll(sidegate, simulators),
    };
  } catch (error) {
    await simulators.stop();
    throw error;
  }
}

/** `sidegate serve` as a process of its own; also for a second one on the same configuration. */
export function startSidegate(
  config: string,
  directory: string,
  logName = 'sidegate.log',
  env: NodeJS.ProcessEnv = {},
): Promise<Child<{ readonly url: string }>> {
  return startChild<{ readonly url: string }>({
    name: 'sidegate',
    command: [join(root, 'src', 'main.ts'), 'serve', '--config', config, '--until-stdin-closes'],
    logFile: join(directory, logName),
    env,
  });
}

async function stopAll(sidegate: Child<unknown>, simulators: Simulators): Promise<void> {
  await sidegate.stop();
  await simulators.stop();
}

/** Each demo begins with nothing: an older run's database would remember changes of a Gerrit that is gone. */
async function startAfresh(directory: string): Promise<void> {
  if ((await eraseEmbeddedPostgres(join(directory, 'state'))) === 'in-use') {
    throw new SidegateError(
      'state-database',
      `Another demo runs in ${directory}: stop it, or name another folder with --directory.`,
    );
  }
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
}

async function writeGerritAccount(directory: string): Promise<{ publicKey: string; password: string }> {
  const key = generateSshKey('example-zvm-ci');
  const password = randomBytes(16).toString('hex');
  await writeFile(join(directory, 'gerrit-key'), key.privateKey, { mode: 0o600 });
  await writeFile(join(directory, 'gerrit-password'), `${password}\n`, { mode: 0o600 });
  return { publicKey: key.publicKey, password };
}
