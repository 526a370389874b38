import { Client } from 'ssh2';
import type { ClientChannel, ConnectConfig } from 'ssh2';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import { fingerprint, hostKeyAlgorithms, isPinned } from './host-keys.ts';

/** An SSH connection that is logged in. Whoever takes it listens for `close`; errors never go unhandled. */
export async function connectSsh(access: GerritAccess, signal: AbortSignal): Promise<Client> {
  const algorithms = hostKeyAlgorithms(access.hostKeys);
  if (algorithms.length === 0)
    throw new SidegateError('gerrit-host-key', `No usable host key is configured for ${sshAddress(access)}.`);
  if (signal.aborted) throw new SidegateError('gerrit-unreachable', 'Closed by sidegate.');

  const client = new Client();
  // Without a listener a late error, after the login, would end the process.
  client.on('error', () => undefined);
  let shown: Buffer | undefined;
  const config: ConnectConfig = {
    host: access.host,
    port: access.sshPort,
    username: access.username,
    privateKey: access.privateKey,
    algorithms: { serverHostKey: algorithms },
    readyTimeout: access.requestTimeout,
    keepaliveInterval: access.keepaliveInterval,
    keepaliveCountMax: access.keepaliveCount,
    hostVerifier(key: Buffer) {
      if (isPinned(access.hostKeys, key)) return true;
      shown = key;
      return false;
    },
  };
  try {
    await login(client, config, signal);
    return client;
  } catch (error) {
    client.destroy();
    throw loginError(error, access, shown);
  }
}

/** Starts a command; resolves when the server has accepted it. */
export function startCommand(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new SidegateError('gerrit-unreachable', 'The SSH connection closed.'));
    client.once('close', closed);
    client.exec(command, (error, channel) => {
      client.off('close', closed);
      if (error) reject(new SidegateError('gerrit-unreachable', errorText(error), { cause: error }));
      else resolve(channel);
    });
  });
}

export function sshAddress(access: Pick<GerritAccess, 'host' | 'sshPort' | 'username'>): string {
  return `${access.username}@${access.host}:${access.sshPort}`;
}

function login(client: Client, config: ConnectConfig, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('Closed by sidegate.'));
    const settle = (how: () => void) => {
      signal.removeEventListener('abort', abort);
      how();
    };
    signal.addEventListener('abort', abort, { once: true });
    client.once('ready', () => settle(resolve));
    client.once('error', (error) => settle(() => reject(error)));
    client.once('close', () => settle(() => reject(new Error('The server closed the connection.'))));
    // Throws at once for a private key it cannot read.
    client.connect(config);
    // At once, not when ready: with Nagle's algorithm the login itself waits for delayed acknowledgements.
    client.setNoDelay(true);
  });
}

function loginError(error: unknown, access: GerritAccess, shown: Buffer | undefined): SidegateError {
  const address = sshAddress(access);
  const text = errorText(error);
  if (shown) {
    return new SidegateError('gerrit-host-key', `${address} shows ${fingerprint(shown)}.`, { cause: error });
  }
  if (/no matching host key/i.test(text)) {
    return new SidegateError('gerrit-host-key', `${address} has no key of the configured types.`, { cause: error });
  }
  if (/privateKey/.test(text))
    return new SidegateError('gerrit-auth', `The private key for ${address}: ${text}`, { cause: error });
  const level = error instanceof Error && 'level' in error ? error.level : undefined;
  // Gerrit does not tell a wrong key from an unknown user.
  if (level === 'client-authentication')
    return new SidegateError('gerrit-auth', `SSH login as ${address}: ${text}`, { cause: error });
  return new SidegateError('gerrit-unreachable', `SSH to ${address}: ${text}`, { cause: error });
}
