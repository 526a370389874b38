import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import ssh2 from 'ssh2';
import type { Client, ClientChannel } from 'ssh2';
import type { GerritUnderTest } from '../test/story/world/gerrit-under-test.ts';

/** When something was heard on Gerrit's stream, on this process's clock (`performance.now()`). */
export interface GerritListener {
  /** The moment the change's first patchset was announced. */
  patchset(change: number): Promise<number>;
  /** The moment of the CI's vote number `count` (from 1) on the change. */
  vote(change: number, count?: number): Promise<number>;
  close(): void;
}

interface StreamedEvent {
  readonly type: string;
  readonly author?: { readonly username?: string };
  readonly approvals?: readonly { readonly type: string; readonly value: string }[];
  readonly change?: { readonly number: number };
}

/** Listens as another CI would: its own SSH login, its own parsing, nothing of sidegate's. */
export async function listenToGerrit(gerrit: GerritUnderTest, ci: string): Promise<GerritListener> {
  const { username, privateKeyFile } = gerrit.accounts.zuul;
  const client = await connect(gerrit.sshPort, username, await readFile(privateKeyFile, 'utf8'));
  const channel = await run(client, 'gerrit stream-events -s patchset-created -s comment-added');
  const moments = new Moments();
  createInterface({ input: channel }).on('line', (line) => {
    const event = JSON.parse(line) as StreamedEvent;
    const change = event.change?.number ?? 0;
    if (event.type === 'patchset-created') moments.note(`patchset ${change}`);
    const votes = event.approvals?.some(({ type, value }) => type === 'Verified' && value !== '0') ?? false;
    if (event.type === 'comment-added' && event.author?.username === ci && votes) moments.note(`vote ${change}`);
  });
  return {
    patchset: (change) => moments.nth(`patchset ${change}`, 1),
    vote: (change, count = 1) => moments.nth(`vote ${change}`, count),
    close: () => client.destroy(),
  };
}

function connect(port: number, username: string, privateKey: string): Promise<Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.on('error', reject);
    client.connect({ host: '127.0.0.1', port, username, privateKey });
    client.setNoDelay(true);
  });
}

function run(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** Moments by name, in order, and who waits for them. */
class Moments {
  readonly #seen = new Map<string, number[]>();
  readonly #waiting = new Map<string, () => void>();

  note(name: string): void {
    const moments = this.#seen.get(name) ?? [];
    this.#seen.set(name, moments);
    moments.push(performance.now());
    const key = `${name} ${moments.length}`;
    this.#waiting.get(key)?.();
    this.#waiting.delete(key);
  }

  async nth(name: string, count: number): Promise<number> {
    const moment = this.#seen.get(name)?.[count - 1];
    if (moment !== undefined) return moment;
    return new Promise((resolve) => {
      this.#waiting.set(`${name} ${count}`, () => resolve(performance.now()));
    });
  }
}
