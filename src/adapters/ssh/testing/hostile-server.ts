import { once } from 'node:events';
import ssh2 from 'ssh2';
import type { ServerChannel } from 'ssh2';
import type { RemoteHost } from '../../../ports/remote-jobs.ts';
import { generateSshKey } from '../../../shared/generate-ssh-key.ts';

/** An SSH server that lets everybody in and answers every command as the test wants. */
export interface HostileServer {
  readonly host: RemoteHost;
  close(): Promise<void>;
}

export async function startHostileServer(
  answer: (channel: ServerChannel, command: string) => void,
): Promise<HostileServer> {
  const key = generateSshKey('hostile');
  const connections = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [key.privateKey] }, (connection) => {
    connections.add(connection);
    connection.on('authentication', (context) => context.accept());
    connection.on('error', () => {});
    connection.on('session', (acceptSession) => {
      acceptSession().on('exec', (acceptExec, _reject, { command }) => answer(acceptExec(), command));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const hostKeys = [key.publicKey.split(' ').slice(0, 2).join(' ')];
  return {
    host: { address: '127.0.0.1', port, user: 'anybody', hostKeys },
    close: async () => {
      for (const connection of connections) connection.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
