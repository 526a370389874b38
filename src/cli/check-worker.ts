import { randomUUID } from 'node:crypto';
import { createSshRemoteJobs } from '../adapters/ssh/ssh-remote-jobs.ts';
import { loadServerKey } from '../adapters/ssh/server-key.ts';
import { tryCopies } from '../adapters/zvm/try-copies.ts';
import type { FeilongOptions } from '../adapters/zvm/client.ts';
import { SidegateError, errorText } from '../domain/errors.ts';
import { notChecked } from '../domain/finding.ts';
import type { Finding } from '../domain/finding.ts';
import type { GuardSettings } from '../domain/settings.ts';
import { remoteHostOf } from '../flow/remote-host.ts';
import type { RemoteHost, RemoteJobs } from '../ports/remote-jobs.ts';
import { checkGuard } from './check-guard.ts';
import { withState } from './open-state.ts';

/** A z/VM back end that the worker would be given. */
export interface WorkerBackend {
  readonly options: FeilongOptions;
  readonly guard: GuardSettings | undefined;
}

interface Worker {
  readonly host: RemoteHost;
  readonly jobs: RemoteJobs;
}

const limit = 60_000;

/**
 * For `sidegate doctor --worker`: what lies between a test server that is up and each z/VM. Feilong copies from it and to it, and it reaches its
 * guard: both are seen from nowhere else.
 */
export async function checkWorker(
  config: string,
  wanted: string,
  backends: readonly WorkerBackend[],
): Promise<readonly Finding[]> {
  return withState(config, async ({ configuration: { settings, ssh, state }, store }) => {
    const servers = (await store.aliveServers()).filter(({ name, address }) => name === wanted || address === wanted);
    const host = servers.map((server) => remoteHostOf({ settings }, server)).find((one) => one !== undefined);
    if (!host) throw new SidegateError('not-found', `No test server ${wanted} is up. \`sidegate hold\` keeps one.`);
    const { privateKey } = await loadServerKey(ssh.privateKeyFile, state.directory);
    const jobs = createSshRemoteJobs(privateKey);
    try {
      const findings = [];
      for (const backend of backends) findings.push(...(await checkOne({ host, jobs }, backend)));
      return findings;
    } finally {
      jobs.close();
    }
  });
}

async function checkOne(worker: Worker, { guard, options }: WorkerBackend): Promise<readonly Finding[]> {
  const reach = guard ? [...(await checkGuard(guard, (port) => checkReach(worker, guard, port)))] : [];
  // Without a port there was nothing to connect to.
  if (guard && reach.length === 1) reach.push(notChecked(reachText(guard), 'no guard can listen there'));
  const name = `sidegate-doctor-${randomUUID().slice(0, 8)}`;
  const [image, copy] = [`/tmp/${name}`, `/tmp/${name}.copy`];
  const made = await run(
    worker,
    `printf 'xCAT CKD Disk Image:%12s CYL' 1000 >${image} && head -c 65536 /dev/zero >>${image}`,
  );
  if (made !== '')
    return named(options.name, [
      ...reach,
      wrong('a file on the test server', made, 'See the detail.'),
      notChecked('copies between Feilong and the test server', 'there is no file to copy'),
    ]);
  const { address, user } = worker.host;
  const copies = await tryCopies(options, name, { user, address, image, copy });
  await run(worker, `rm -f ${image} ${copy}`);
  return named(options.name, [...reach, ...copies]);
}

function named(backend: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => ({ ...finding, what: `${backend}: ${finding.what}` }));
}

function reachText({ address }: GuardSettings): string {
  return `the test server reaches ${address}`;
}

async function checkReach(worker: Worker, guard: GuardSettings, port: number): Promise<readonly Finding[]> {
  const { address } = guard;
  const what = reachText(guard);
  const trouble = await run(worker, `timeout 10 bash -c ': <"/dev/tcp/${address}/${port}"'`);
  if (trouble === '') return [{ ok: true, what, detail: `port ${port}`, todo: '' }];
  const todo = 'Let test servers connect to the ports of the guards: routes, security groups, this machine’s firewall.';
  return [wrong(what, `port ${port}: ${trouble}`, todo)];
}

function wrong(what: string, detail: string, todo: string): Finding {
  return { ok: false, what, detail, todo };
}

/** Empty: it went well; else what it printed last. */
async function run({ host, jobs }: Worker, script: string): Promise<string> {
  let output = '';
  const job = {
    id: `doctor-${randomUUID()}`,
    epoch: 1,
    phases: [{ name: 'doctor', script }],
    environment: {},
    timeout: limit,
    consoleLimit: 10_000,
  };
  try {
    const end = await jobs.follow(host, job, {
      offset: 0,
      onConsole: async (chunk) => void (output += chunk.toString()),
      onPhase: () => undefined,
      signal: AbortSignal.timeout(2 * limit),
    });
    return end.kind === 'exited' && end.status === 0 ? '' : `${end.kind}: ${output.slice(-300)}`;
  } catch (error) {
    return errorText(error);
  }
}
