import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import type { Client, ClientChannel } from 'ssh2';
import { startGerritSimulator } from '../simulator.ts';
import type { GerritSimulator, SeedInput } from '../simulator.ts';
import { generateSshKey } from '../../../src/shared/generate-ssh-key.ts';

const run = promisify(execFile);

const passwords: Readonly<Record<string, string>> = {
  admin: 'secret',
  'zvm-ci': 'zvm-ci-secret',
  dev: 'dev-secret',
  zuul: 'zuul-secret',
  nonevoter: 'other-secret',
};

const keys = generateSshKey('test');

export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'gerrit-simulator-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface RestAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** The body without Gerrit's prefix, or the text where it is no JSON. */
  readonly body: unknown;
}

export interface RestRequest {
  readonly user: string | null;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** `path` as recorded: with `/a` for accounts. A string as body goes as it is. */
export async function rest(
  url: string,
  { user, method, path, body }: RestRequest,
  type = 'application/json',
): Promise<RestAnswer> {
  const credentials = Buffer.from(`${user}:${passwords[user ?? ''] ?? 'wrong'}`).toString('base64');
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(user === null ? {} : { authorization: `Basic ${credentials}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = text.startsWith(")]}'\n");
  const contentType = response.headers.get('content-type') ?? '';
  return { status: response.status, contentType, text, body: isJson ? JSON.parse(text.slice(5)) : text };
}

/** Gives every account the same key, as a person would: over REST. */
async function addKeys(url: string): Promise<void> {
  for (const user of Object.keys(passwords)) {
    const request = { user, method: 'POST', path: '/a/accounts/self/sshkeys', body: keys.publicKey };
    const { status } = await rest(url, request, 'text/plain');
    if (status !== 201) throw new Error(`no key for ${user}: ${status}`);
  }
}

export function login(sshPort: number, username: string, privateKey = keys.privateKey) {
  return { host: '127.0.0.1', port: sshPort, username, privateKey };
}

export function connect(sshPort: number, user: string, privateKey = keys.privateKey): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.once('ready', () => resolve(client));
    client.on('error', (error) => {
      client.end();
      reject(error);
    });
    client.connect(login(sshPort, user, privateKey));
    client.setNoDelay(true);
  });
}

export interface SshAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function ssh(sshPort: number, user: string, command: string, input = ''): Promise<SshAnswer> {
  const client = await connect(sshPort, user);
  try {
    return await execute(client, command, input);
  } finally {
    client.end();
  }
}

function execute(client: Client, command: string, input = ''): Promise<SshAnswer> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let stdout = '';
      let stderr = '';
      channel.on('data', (data: Buffer) => (stdout += data.toString()));
      channel.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      channel.on('close', (code: number) => resolve({ code, stdout, stderr }));
      channel.end(input);
    });
  });
}

export interface EventStream {
  readonly client: Client;
  readonly channel: ClientChannel;
  readonly events: Record<string, unknown>[];
  /** Everything sent before this call and not told by an earlier one. */
  readonly sinceLast: () => Promise<Record<string, unknown>[]>;
}

export async function openStream(sshPort: number, user: string, options = ''): Promise<EventStream> {
  const client = await connect(sshPort, user);
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.exec(`gerrit stream-events ${options}`, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const events: Record<string, unknown>[] = [];
  createInterface({ input: channel }).on('line', (line) => events.push(JSON.parse(line)));
  let taken = 0;
  const sinceLast = async () => {
    // One connection keeps its order: the answer to this comes after every event sent before.
    await execute(client, 'gerrit version');
    const fresh = events.slice(taken);
    taken = events.length;
    return fresh;
  };
  await sinceLast();
  return { client, channel, events, sinceLast };
}

/** A working copy with real git. */
export class Checkout {
  readonly path: string;
  readonly #url: string;

  private constructor(path: string, url: string) {
    this.path = path;
    this.#url = url;
  }

  static async clone(url: string, project: string, path: string): Promise<Checkout> {
    await run('git', ['clone', '--quiet', `${url}/${project}`, path]);
    const checkout = new Checkout(path, `${url.replace('//', '//dev:dev-secret@')}/a/${project}`);
    await checkout.git('config', 'user.name', 'Dee Veloper');
    await checkout.git('config', 'user.email', 'dev@example.com');
    return checkout;
  }

  async git(...args: string[]): Promise<string> {
    const { stdout, stderr } = await run('git', ['-C', this.path, ...args]);
    return (stdout || stderr).trim();
  }

  async fastImport(commands: string): Promise<void> {
    const running = run('git', ['-C', this.path, 'fast-import', '--quiet']);
    running.child.stdin?.end(commands);
    await running;
  }

  /** What git wrote about the push; rejects with it when a ref was refused. */
  async push(ref: string, what = 'HEAD'): Promise<string> {
    const { stderr } = await run('git', ['-C', this.path, 'push', this.#url, `${what}:${ref}`]);
    return stderr;
  }
}

export interface Kit extends GerritSimulator {
  readonly directory: string;
  readonly post: (user: string, path: string, body?: unknown) => Promise<RestAnswer>;
  readonly get: (user: string | null, path: string) => Promise<RestAnswer>;
  readonly stop: () => Promise<void>;
}

/** A simulator on free ports in a directory of its own, every account with a key. */
export async function startKit(seed?: SeedInput): Promise<Kit> {
  const directory = temporaryDirectory();
  const simulator = await startGerritSimulator({ directory: join(directory.path, 'state'), ...(seed ? { seed } : {}) });
  await addKeys(simulator.url);
  const { url } = simulator;
  return {
    ...simulator,
    directory: directory.path,
    post: (user, path, body = {}) => rest(url, { user, method: 'POST', path, body }),
    get: (user, path) => rest(url, { user, method: 'GET', path }),
    stop: async () => {
      await simulator.close();
      directory.remove();
    },
  };
}

/** Pushes one commit to review, and tells the change's number. */
export async function pushChange(checkout: Checkout, title: string, options = ''): Promise<number> {
  const changeId = `I${Buffer.from(title).toString('hex').padEnd(40, '0').slice(0, 40)}`;
  await checkout.git('commit', '--quiet', '--allow-empty', '--message', `${title}\n\nChange-Id: ${changeId}`);
  const told = await checkout.push(`refs/for/master${options}`);
  return Number(/\/\+\/(\d+) /.exec(told)?.[1]);
}
