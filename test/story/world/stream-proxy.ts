import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import type { ServerChannel } from 'ssh2';
import { generateSshKey } from '../../../src/shared/generate-ssh-key.ts';
import type { GerritUnderTest } from './gerrit-under-test.ts';

/** A Gerrit whose event stream says, besides its own events, whatever the story wants. */
export interface StreamProxy {
  /** The Gerrit behind it, reached through the proxy's SSH port. */
  readonly gerrit: GerritUnderTest;
  /** Sends bytes over every open stream. */
  inject(bytes: string | Buffer): void;
  close(): Promise<void>;
}

export async function startStreamProxy(behind: GerritUnderTest): Promise<StreamProxy> {
  const key = generateSshKey('stream-proxy');
  const streams = new Set<ServerChannel>();
  const connections = new Set<{ end(): unknown }>();
  const server = new ssh2.Server({ hostKeys: [key.privateKey] }, (connection) => {
    connections.add(connection);
    connection.on('authentication', (context) => context.accept());
    connection.on('error', () => {});
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec() as ServerChannel;
        if (command.startsWith('gerrit stream-events')) {
          streams.add(channel);
          channel.on('close', () => streams.delete(channel));
        }
        connections.add(forward(behind, command, channel));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    gerrit: {
      ...behind,
      sshPort: (server.address() as { port: number }).port,
      hostKey: key.publicKey.split(' ').slice(0, 2).join(' '),
    },
    inject: (bytes) => {
      if (streams.size === 0) throw new Error('no stream is open');
      for (const stream of streams) stream.write(bytes);
    },
    close: async () => {
      for (const connection of connections) connection.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Runs the command on the real one as the CI's account. */
function forward(behind: GerritUnderTest, command: string, channel: ServerChannel): ssh2.Client {
  const { username, privateKeyFile } = behind.accounts['zvm-ci'];
  const client = new ssh2.Client();
  client.on('error', () => channel.close());
  client.on('ready', () => {
    client.exec(command, (error, real) => {
      if (error) return channel.close();
      real.on('data', (chunk: Buffer) => channel.write(chunk));
      real.on('exit', (status: number | null) => channel.exit(status ?? 1));
      real.on('close', () => {
        channel.end();
        client.end();
      });
    });
  });
  client.connect({ host: '127.0.0.1', port: behind.sshPort, username, privateKey: readFileSync(privateKeyFile) });
  return client;
}
