import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, ParsedKey, PublicKeyAuthContext, ServerChannel, Session } from 'ssh2';
import { attach, spawnShell } from './run-command.ts';
import type { Surroundings } from './run-command.ts';

export interface SshServerOptions {
  readonly port: number;
  /** OpenSSH private key. */
  readonly hostKey: string;
  /** The key that may log in beside those in the user's authorized_keys; undefined: only those. */
  readonly authorizedKey: string | undefined;
  readonly surroundings: Surroundings;
}

export interface SshServer {
  /** Listens at these addresses and no others; connections to an address that goes are closed. */
  setAddresses(addresses: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const maxKeysFile = 1024 * 1024;

/** The sshd of one simulated server: public keys only, commands and shells, no terminal, no forwarding. */
export function createSshServer(options: SshServerOptions): SshServer {
  const authorized = options.authorizedKey === undefined ? undefined : parsePublicKey(options.authorizedKey);
  const sshd = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'OpenSSH_9.2p1 simulated' }, (connection) => {
    connection.on('authentication', (context) => authenticate(context, options.surroundings, authorized));
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
  const listeners = new Map<string, () => Promise<void>>();
  let changes = Promise.resolve();

  async function change(addresses: readonly string[]): Promise<void> {
    const old = [...listeners].filter(([address]) => !addresses.includes(address));
    for (const [address, stop] of old) {
      listeners.delete(address);
      for (const socket of sockets) if (socket.localAddress === address) socket.destroy();
      await stop();
    }
    const added = addresses.filter((address) => !listeners.has(address));
    for (const address of added) listeners.set(address, await listen(address, options.port, accept));
  }

  const setAddresses = (addresses: readonly string[]): Promise<void> => {
    const changed = changes.then(() => change(addresses));
    changes = changed.catch(() => {});
    return changed;
  };
  return { setAddresses, close: () => setAddresses([]) };
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

function authenticate(context: AuthContext, { user, home }: Surroundings, authorized: ParsedKey | undefined): void {
  const good = context.method === 'publickey' && context.username === user && mayLogIn(context, authorized, home);
  if (good) context.accept();
  else context.reject(['publickey']);
}

function mayLogIn(context: PublicKeyAuthContext, authorized: ParsedKey | undefined, home: string): boolean {
  return (authorized && provesKey(context, authorized)) || keysOf(home).some((key) => provesKey(context, key));
}

/** Read at each login, as sshd does. Whoever has the home may have put anything there: a named pipe would be waited for. */
function keysOf(home: string): readonly ParsedKey[] {
  const file = authorizedKeysFile(home);
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found?.isFile() || found.size > maxKeysFile) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => parsePublicKey(line) ?? []);
  } catch {
    return [];
  }
}

export function authorizedKeysFile(home: string): string {
  return join(home, '.ssh', 'authorized_keys');
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
