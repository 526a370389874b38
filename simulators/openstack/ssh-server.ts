import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, ParsedKey, PublicKeyAuthContext, ServerChannel, Session } from 'ssh2';
import { attach, spawnShell } from './run-command.ts';
import type { Surroundings } from './run-command.ts';

export interface SshServerOptions {
  readonly addresses: readonly string[];
  readonly port: number;
  /** OpenSSH private key. */
  readonly hostKey: string;
  /** The one key that may log in; undefined: nobody can. */
  readonly authorizedKey: string | undefined;
  readonly surroundings: Surroundings;
}

export interface SshServer {
  close(): Promise<void>;
}

/** The sshd of one simulated server: public keys only, commands and shells, no terminal, no forwarding. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const authorized = options.authorizedKey === undefined ? undefined : parsePublicKey(options.authorizedKey);
  const sshd = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'OpenSSH_9.2p1 simulated' }, (connection) => {
    connection.on('authentication', (context) => authenticate(context, options.surroundings.user, authorized));
    connection.on('ready', () => serveSessions(connection, options.surroundings));
    // A client that goes away without a word is its own affair; without a listener it would end the simulator.
    connection.on('error', () => {});
  });
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    sshd.injectSocket(socket);
  };
  const listeners = await Promise.all(options.addresses.map((address) => listen(address, options.port, accept)));
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(listeners.map((close) => close()));
    },
  };
}

export function parsePublicKey(text: string): ParsedKey | undefined {
  const key = ssh2.utils.parseKey(text);
  return key instanceof Error ? undefined : key;
}

/** Answers how to stop listening. */
function listen(address: string, port: number, accept: (socket: Socket) => void): Promise<() => Promise<void>> {
  const server = createServer(accept);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.removeListener('error', reject);
      resolve(() => new Promise((closed) => server.close(() => closed())));
    });
  });
}

function authenticate(context: AuthContext, user: string, authorized: ParsedKey | undefined): void {
  const good =
    context.method === 'publickey' && context.username === user && authorized && provesKey(context, authorized);
  if (good) context.accept();
  else context.reject(['publickey']);
}

/** Without a signature the client only asks whether the key would do. */
function provesKey(context: PublicKeyAuthContext, authorized: ParsedKey): boolean {
  if (!context.key.data.equals(authorized.getPublicSSH())) return false;
  if (!context.signature || !context.blob) return true;
  return authorized.verify(context.blob, context.signature, context.hashAlgo) === true;
}

function serveSessions(connection: Connection, where: Surroundings): void {
  connection.on('session', (acceptSession) => {
    const session: Session = acceptSession();
    const run = (channel: ServerChannel, arguments_: readonly string[]) => {
      const child = spawnShell(arguments_, where);
      attach(child, channel);
      session.on('signal', (accept, _reject, info) => {
        accept?.();
        child.kill(`SIG${info.name.replace(/^SIG/u, '')}` as NodeJS.Signals);
      });
    };
    session.on('exec', (accept, _reject, info) => run(accept(), ['-c', info.command]));
    session.on('shell', (accept) => run(accept(), ['-l']));
  });
}
