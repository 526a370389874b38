import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { hostKeysOf } from '../domain/host-keys.ts';
import { bootLogPath } from '../domain/log-path.ts';
import { spotText } from '../domain/placement.ts';
import type { ServerLabel, ServerPlace } from '../domain/settings.ts';
import type { Cloud, CloudServer } from '../ports/cloud.ts';
import type { RemoteHost } from '../ports/remote-jobs.ts';
import type { NewServer, ServerRecord, Why } from '../ports/server-store.ts';
import type { Store } from '../ports/store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';
import { countBootFailureOnImage } from './count-image-builds.ts';
import { ensureKeypair, forgetKeypair } from './ensure-keypair.ts';
import { inConfiguredClouds, newServer, readPlacement } from './order-server.ts';

const firstPause = 50;
/** A boot of minutes is asked for some twenty times, not forty: requests are what a cloud has least of. */
const longestPause = 5000;
/** A cloud that does not take the order within this time is left for another one (ms). */
const createPatience = 30_000;

/** Boots the servers this process has to boot, all at once; each exactly once in this process at a time. */
export function createServerBooter(flow: Flow): () => Promise<void> {
  const booting = new Set<string>();
  return async () => {
    for (const server of await flow.store.serversToBoot(flow.self, [...booting])) {
      booting.add(server.id);
      void bootServer(flow, server)
        .catch((error: unknown) =>
          flow.logger.error({ server: server.name, err: errorText(error) }, 'a boot could not be noted'),
        )
        .finally(() => booting.delete(server.id));
    }
  };
}

/** Boots one server until sidegate can log in, or says what went wrong and tries another place. Whoever waits for it reads the row. */
async function bootServer(flow: Flow, server: ServerRecord): Promise<void> {
  let boot: Boot | undefined;
  try {
    boot = await bootOf(flow, server);
    const { label, cloud } = boot;
    const deadline = server.createdAt + label.bootTimeout;
    const novaId = await createInCloud(flow, boot);
    const shown = await waitForActive(cloud, novaId, deadline);
    const hostKeys = shown.hostKeys.length > 0 ? shown.hostKeys : await waitForHostKeys(cloud, novaId, deadline);
    await flow.store.saveServerActive(server.id, shown.imageId);
    const host = { address: shown.address, port: label.sshPort, user: label.user, hostKeys };
    await waitForLogin(flow, host, (server.activeAt ?? Date.now()) + label.sshTimeout);
    await flow.store.saveServerReady(server.id, shown.address, hostKeys);
    await flow.store.count('boots', label.name);
    await flow.store.closeNotice('server-boot-failed', label.name);
  } catch (error) {
    // Nobody needs it any more, and its deletion is what broke the boot.
    if ((await flow.store.findServer(server.id))?.state !== 'building') return;
    if (boot) forgetKeypair(boot.cloud);
    // Before the server is let go: its console goes with it.
    if (boot) await saveConsole(flow, boot).catch((trouble: unknown) => noteNoConsole(flow, server, trouble));
    await giveUp(flow, server, { code: errorCode(error) ?? 'internal', detail: errorText(error) });
  }
}

interface Boot {
  readonly server: ServerRecord;
  readonly label: ServerLabel;
  readonly place: ServerPlace;
  readonly cloud: Cloud;
  readonly imageId: string | undefined;
}

async function bootOf(flow: Flow, server: ServerRecord): Promise<Boot> {
  const label = flow.settings.labels.find(({ name }) => name === server.label);
  const place = label?.places.find((candidate) => candidate.cloud === server.cloud);
  const cloud = flow.clouds.get(server.cloud);
  if (!label || !place || !cloud)
    throw new SidegateError('config-invalid', `label ${server.label} is no longer configured for ${server.cloud}`);
  const image = server.image === undefined ? undefined : await flow.store.findImage(server.image);
  return { server, label, place, cloud, imageId: image?.imageId };
}

async function createInCloud(flow: Flow, { server, label, place, cloud, imageId }: Boot): Promise<string> {
  if (server.novaId !== undefined) return server.novaId;
  // Requests that create are never repeated blindly within the client; asking for the same server again is safe.
  const bootDeadline = server.createdAt + label.bootTimeout;
  const deadline = Math.min(Date.now() + createPatience, bootDeadline);
  const request = {
    place,
    zone: server.zone,
    imageId,
    name: server.name,
    keypair: flow.keypair.name,
    mark: { owner: flow.installation, server: server.id },
    deadline: bootDeadline,
  };
  const novaId = await poll(deadline, 'the server to be created', async () => {
    await ensureKeypair(flow, cloud, deadline);
    return cloud.ensureServer({ ...request, patience: Math.max(0, deadline - Date.now()) });
  });
  await flow.store.saveNovaId(server.id, novaId);
  return novaId;
}

/** Another zone or cloud takes over where there is one and attempts are left; else whoever waits for the server is told. */
async function giveUp(flow: Flow, server: ServerRecord, why: Why & { code: ErrorCode }): Promise<void> {
  flow.logger.warn({ server: server.name, err: why.detail }, 'a test server could not be booted');
  const text = `${server.name} on ${spotText(server)}: ${why.detail}`;
  await flow.store.saveNotice({ code: 'server-boot-failed', subject: server.label, text });
  await flow.store.count('boot_failures', server.label);
  if (why.code === 'cloud-quota') await flow.store.lookAtCloudSoon(server.cloud);
  await flow.store.transaction(async (tx) => {
    await tx.lock('admission');
    await countBootFailureOnImage(flow, tx, { server, why });
    const next = await replacementFor(flow, tx, server);
    if (next) await tx.replaceServer(server.id, why, next);
    else await tx.releaseServer(server.id, why);
  });
}

async function replacementFor(flow: Flow, tx: Store, server: ServerRecord): Promise<NewServer | undefined> {
  const label = flow.settings.labels.find(({ name }) => name === server.label);
  // An image is made for one cloud, and a server that nobody waits for is ordered again by the pool.
  if (!label || server.attempt >= label.bootAttempts || server.purpose !== 'build') return undefined;
  const current = await tx.findServer(server.id);
  if (current?.build === undefined) return undefined;
  const placement = await readPlacement(flow, tx, inConfiguredClouds(flow, await tx.serverGroups()));
  const spot = placement.take(label, [...server.tried, spotText(server)]);
  if (typeof spot === 'string') return undefined;
  return newServer(flow, tx, { label: label.name, spot, purpose: server.purpose, instead: server });
}

async function saveConsole(flow: Flow, { server, cloud }: Boot): Promise<void> {
  const novaId = (await flow.store.findServer(server.id))?.novaId;
  const log = novaId === undefined ? '' : await cloud.consoleLog(novaId);
  if (log === '') return;
  const path = bootLogPath(server.name, server.createdAt);
  await flow.archive.write(path, log);
  await flow.store.saveBootLog(server.id, path);
}

function noteNoConsole(flow: Flow, { name }: ServerRecord, trouble: unknown): void {
  flow.logger.warn({ server: name, err: errorText(trouble) }, 'the console of a failed boot could not be saved');
}

type ActiveServer = CloudServer & { readonly address: string };

function waitForActive(cloud: Cloud, novaId: string, deadline: number): Promise<ActiveServer> {
  return poll(deadline, 'the server to be ACTIVE with an address', async () => {
    const shown = await cloud.showServer(novaId);
    if (!shown) throw new SidegateError('server-lost', 'it was deleted while it booted');
    if (shown.status === 'ERROR') throw new SidegateError('server-boot-failed', shown.fault ?? 'Nova gives no fault');
    const { address } = shown;
    return shown.status === 'ACTIVE' && address !== undefined ? { ...shown, address } : undefined;
  });
}

/** The console log is the one way to learn a new server's host key that does not run over the network the key shall protect. */
function waitForHostKeys(cloud: Cloud, novaId: string, deadline: number): Promise<readonly string[]> {
  return poll(deadline, 'host keys on its console', async () => {
    const keys = hostKeysOf(await cloud.consoleLog(novaId));
    return keys.length > 0 ? keys : undefined;
  });
}

async function waitForLogin(flow: Flow, host: RemoteHost, deadline: number): Promise<void> {
  await poll(deadline, 'an SSH login', async () => {
    try {
      await flow.jobs.checkLogin(host);
      return true;
    } catch (error) {
      if (errorCode(error) === 'ssh-unreachable') return undefined;
      throw error;
    }
  });
}

/** Asks until there is an answer. Passing trouble of the cloud is waited out; at the deadline it is what is told. */
async function poll<T>(deadline: number, what: string, ask: () => Promise<T | undefined>): Promise<T> {
  let pause = firstPause;
  let trouble: SidegateError | undefined;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      trouble = undefined;
    } catch (error) {
      if (!(error instanceof SidegateError) || error.code !== 'cloud-unreachable') throw error;
      trouble = error;
    }
    await sleep(Math.min(pause, Math.max(0, deadline - Date.now())));
    pause = Math.min(pause * 1.5, longestPause);
  } while (Date.now() < deadline);
  throw trouble ?? new SidegateError('server-boot-timeout', `waited for ${what}`);
}
