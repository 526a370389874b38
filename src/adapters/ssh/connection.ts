import { Client } from 'ssh2';
import type { ClientChannel } from 'ssh2';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { RemoteHost } from '../../ports/remote-jobs.ts';

const readyTimeout = 15_000;
/** A dead peer is noticed after interval × (count + 1). */
const keepaliveInterval = 10_000;
const keepaliveCountMax = 3;

/** Opens an SSH connection; the server's host key must be one of those pinned. */
export function openConnection(host: RemoteHost, privateKey: string): Promise<Client> {
  const client = new Client();
  let keyRefused = false;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      client.destroy();
      reject(connectError(host, error, keyRefused));
    };
    client.once('error', fail);
    client.once('close', () => fail(new Error('connection closed before login')));
    client.once('ready', () => {
      client.removeAllListeners('error');
      client.removeAllListeners('close');
      // The channels in use end with the connection and report it; an event without a listener would end the process.
      client.on('error', () => client.destroy());
      resolve(client);
    });
    client.connect({
      host: host.address,
      port: host.port,
      username: host.user,
      privateKey,
      readyTimeout,
      keepaliveInterval,
      keepaliveCountMax,
      hostVerifier: (key: Buffer) => {
        const known = host.hostKeys.some((pinned) => pinned.split(' ')[1] === key.toString('base64'));
        keyRefused = !known;
        return known;
      },
    });
    // At once, not when ready: with Nagle's algorithm the login itself takes over 100 ms longer.
    client.setNoDelay(true);
  });
}

/** Starts a command; standard input stays open. */
export function openChannel(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new SidegateError('ssh-unreachable', 'the connection closed'));
    client.once('close', closed);
    client.exec(command, (error, channel) => {
      client.off('close', closed);
      if (error) reject(new SidegateError('ssh-unreachable', errorText(error), { cause: error }));
      else resolve(channel);
    });
  });
}

function connectError(host: RemoteHost, cause: Error, keyRefused: boolean): SidegateError {
  const where = `${host.user}@${host.address}:${host.port}`;
  if (keyRefused) return new SidegateError('ssh-host-key', where, { cause });
  return new SidegateError('ssh-unreachable', `${where}: ${cause.message}`, { cause });
}
