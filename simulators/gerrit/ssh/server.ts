import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server as NetServer } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, PublicKeyAuthContext, ServerChannel, Session } from 'ssh2';
import type { StreamEnding } from '../events/hub.ts';
import { gerritVersion } from '../gerrit.ts';
import type { Gerrit } from '../gerrit.ts';
import type { Account } from '../state/model.ts';
import { CommandFailed } from './command-line.ts';
import { runCommand } from './commands.ts';
import { generateSshKey } from '../../../src/shared/generate-ssh-key.ts';

const { Server, utils } = ssh2;
const maxInputBytes = 1 << 20;

export interface HostKey {
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: string;
  /** Seconds since 1970: when this Gerrit was set up. */
  readonly madeAt: number;
}

/** The server's key: made at the first start, the same ever after. */
export function settleHostKey(directory: string): HostKey {
  const path = join(directory, 'ssh-host-key');
  if (!existsSync(path)) writeFileSync(path, generateSshKey('simulated Gerrit').privateKey, { mode: 0o600 });
  const privateKey = readFileSync(path, 'utf8');
  const parsed = utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const publicKey = `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
  return { privateKey, publicKey, madeAt: Math.floor(statSync(path).mtimeMs / 1000) };
}

/** The listening server; each of its sockets is handed to ssh2, and events do not wait for acknowledgements. */
export function createSshServer(gerrit: Gerrit, hostKey: HostKey): NetServer {
  const ident = `GerritCodeReview_${gerritVersion} (APACHE-SSHD-2.16.0)`;
  const protocol = new Server({ hostKeys: [hostKey.privateKey], ident }, (connection) =>
    serveConnection(gerrit, connection),
  );
  return createServer({ noDelay: true }, (socket) => protocol.injectSocket(socket));
}

function serveConnection(gerrit: Gerrit, connection: Connection): void {
  let account: Account | undefined;
  connection.on('authentication', (context) => {
    account = authenticate(gerrit, context);
  });
  connection.on('session', (accept) => {
    const session = accept();
    if (account !== undefined) serveSession(gerrit, { connection, session, account });
  });
  // A client that goes away without a word is no news.
  connection.on('error', () => undefined);
}

/** An unknown user and a wrong key look the same from outside. */
function authenticate({ accounts }: Gerrit, context: AuthContext): Account | undefined {
  const account = accounts.byUsername(context.username);
  if (context.method !== 'publickey' || account === undefined || !isKeyOf(account, context)) {
    context.reject(['publickey']);
    return undefined;
  }
  context.accept();
  return account;
}

function isKeyOf(account: Account, { key, blob, signature, hashAlgo }: PublicKeyAuthContext): boolean {
  return account.sshKeys.some((text) => {
    const known = utils.parseKey(text);
    if (known instanceof Error || !known.getPublicSSH().equals(key.data)) return false;
    // Without a signature the client only asks whether this key would do.
    return signature === undefined || blob === undefined || known.verify(blob, signature, hashAlgo) === true;
  });
}

interface OpenSession {
  readonly connection: Connection;
  readonly session: Session;
  readonly account: Account;
}

function serveSession(gerrit: Gerrit, open: OpenSession): void {
  const { session, account } = open;
  session.on('pty', (accept) => accept?.());
  session.on('env', (accept) => accept?.());
  session.on('shell', (accept) => {
    const channel = accept();
    const welcome = `  ****    Welcome to Gerrit Code Review    ****\r\n\r\n  Hi ${account.name}, you have successfully connected over SSH.\r\n\r\n`;
    channel.stderr.write(welcome);
    finish(channel, 127);
  });
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept();
    channel.on('error', () => undefined);
    execute(gerrit, open, channel, command).catch((error: unknown) => {
      channel.stderr.write(
        error instanceof CommandFailed ? error.message : `fatal: internal server error: ${String(error)}\n`,
      );
      finish(channel, 1);
    });
  });
}

async function execute(gerrit: Gerrit, open: OpenSession, channel: ServerChannel, line: string): Promise<void> {
  const { account, connection } = open;
  const outcome = await runCommand({ gerrit, account, input: () => readInput(channel) }, line);
  if (outcome.kind === 'done') {
    channel.write(outcome.output);
    finish(channel, 0);
    return;
  }
  const end = (how: StreamEnding) => (how === 'channel' ? finish(channel, 0) : connection.end());
  const unsubscribe = gerrit.hub.subscribe({
    account,
    types: outcome.types,
    write: (text, taken) => writeLine(channel, text, taken),
    end,
  });
  channel.resume();
  channel.on('close', unsubscribe);
  connection.on('close', unsubscribe);
}

/** While the reader's window is open, ssh2 sends within the call: nothing stays behind in the channel. */
function writeLine(channel: ServerChannel, text: string, taken: () => void): boolean {
  let atOnce = false;
  channel.write(text, () => {
    if (!atOnce) taken();
  });
  atOnce = channel.writableLength === 0;
  return atOnce;
}

async function readInput(channel: ServerChannel): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of channel as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxInputBytes) throw new CommandFailed('fatal: input too large\n');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function finish(channel: ServerChannel, status: number): void {
  channel.exit(status);
  channel.end();
}
