import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import { hostKeysOf } from '../domain/host-keys.ts';
import type { ServerLabel } from '../domain/settings.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { RemoteHost } from '../ports/remote-jobs.ts';
import type { ServerRecord } from '../ports/store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';

const firstPause = 50;
const longestPause = 2000;

/** Boots the servers this process has to boot, all at once; each exactly once in this process at a time. */
export function createServerBooter(flow: Flow): () => Promise<void> {
  const booting = new Set<string>();
  return async () => {
    for (const server of await flow.store.serversToBoot(flow.self)) {
      if (booting.has(server.id)) continue;
      booting.add(server.id);
      void bootServer(flow, server)
        .catch((error: unknown) =>
          flow.logger.error({ server: server.name, err: errorText(error) }, 'a boot could not be noted'),
        )
        .finally(() => booting.delete(server.id));
    }
  };
}

/** Boots one server until sidegate can log in, or says what went wrong and lets it go. Whoever waits for it reads the row. */
async function bootServer(flow: Flow, server: ServerRecord): Promise<void> {
  try {
    const { label, cloud } = placeOf(flow, server);
    const deadline = server.createdAt + label.bootTimeout;
    const novaId = await createInCloud(flow, { server, label, cloud });
    const address = await waitForAddress(cloud, novaId, deadline);
    const hostKeys = await waitForHostKeys(cloud, novaId, deadline);
    await waitForLogin(flow, { address, port: label.sshPort, user: label.user, hostKeys }, deadline);
    await flow.store.saveServerReady(server.id, address, hostKeys);
    await flow.store.closeNotice('server-boot-failed', label.name);
  } catch (error) {
    flow.logger.warn({ server: server.name, err: errorText(error) }, 'a test server could not be booted');
    await flow.store.saveNotice({
      code: 'server-boot-failed',
      subject: server.label,
      text: `${server.name}: ${errorText(error)}`,
    });
    await flow.store.releaseServer(server.id, { code: errorCode(error) ?? 'internal', detail: errorText(error) });
  }
}

interface Order {
  readonly server: ServerRecord;
  readonly label: ServerLabel;
  readonly cloud: Cloud;
}

function placeOf(flow: Flow, server: ServerRecord): { label: ServerLabel; cloud: Cloud } {
  const label = flow.settings.labels.find(({ name }) => name === server.label);
  const cloud = flow.clouds.get(server.cloud);
  if (!label || !cloud)
    throw new SidegateError('config-invalid', `label ${server.label} or cloud ${server.cloud} is no longer configured`);
  return { label, cloud };
}

async function createInCloud(flow: Flow, { server, label, cloud }: Order): Promise<string> {
  if (server.novaId !== undefined) return server.novaId;
  await cloud.ensureKeypair(flow.keypair.name, flow.keypair.publicKey);
  const novaId = await cloud.ensureServer({
    label,
    name: server.name,
    keypair: flow.keypair.name,
    mark: { owner: flow.installation, server: server.id },
  });
  await flow.store.saveNovaId(server.id, novaId);
  return novaId;
}

function waitForAddress(cloud: Cloud, novaId: string, deadline: number): Promise<string> {
  return poll(deadline, 'an address', async () => {
    const shown = await cloud.showServer(novaId);
    if (!shown) throw new SidegateError('server-lost', 'it was deleted while it booted');
    if (shown.status === 'ERROR') throw new SidegateError('server-boot-failed', shown.fault ?? 'Nova gives no fault');
    return shown.status === 'ACTIVE' ? shown.address : undefined;
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

/** Asks until there is an answer. Passing trouble of the cloud is waited out; its last words are told at the deadline. */
async function poll<T>(deadline: number, what: string, ask: () => Promise<T | undefined>): Promise<T> {
  let pause = firstPause;
  let trouble = '';
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      trouble = '';
    } catch (error) {
      if (errorCode(error) !== 'cloud-unreachable') throw error;
      trouble = ` (${errorText(error)})`;
    }
    await sleep(Math.min(pause, Math.max(0, deadline - Date.now())));
    pause = Math.min(pause * 1.5, longestPause);
  }
  throw new SidegateError('server-boot-timeout', `waited for ${what}${trouble}`);
}
