import { appendFile, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reaper } from './reaper.ts';
import { spawnShell } from './run-command.ts';
import type { Surroundings } from './run-command.ts';
import { startSshServer } from './ssh-server.ts';
import type { SshServer } from './ssh-server.ts';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';

export interface MachineOptions {
  /** Nova's id of the server. */
  readonly id: string;
  readonly hostname: string;
  /** Everything the server has on disk. */
  readonly directory: string;
  readonly addresses: readonly string[];
  readonly sshPort: number;
  readonly user: string;
  readonly publicKey: string | undefined;
  /** Base64, as Nova got it; a script (`#!`) runs at first boot, anything else is kept for cloud-init's sake only. */
  readonly userData: string | undefined;
  readonly withSsh: boolean;
  readonly reaper: Reaper;
}

const consoleLimit = 102_400;

/** What runs behind an ACTIVE server: a directory, an SSH server and the processes of both. */
export class Machine {
  readonly #options: MachineOptions;
  readonly #surroundings: Surroundings;
  readonly #consoleFile: string;
  #sshd: SshServer | undefined;
  #booted = false;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#consoleFile = join(options.directory, 'console.log');
    this.#surroundings = {
      home: join(options.directory, 'home'),
      temporary: join(options.directory, 'tmp'),
      user: options.user,
      marks: options.reaper.marks(options.id),
    };
  }

  async powerOn(): Promise<void> {
    const { hostname, withSsh } = this.#options;
    const { home, temporary } = this.#surroundings;
    await Promise.all([mkdir(home, { recursive: true }), mkdir(temporary, { recursive: true })]);
    await this.#log(bootLines(this.#options));
    if (withSsh) await this.#startSsh();
    if (!this.#booted) await this.#runUserData();
    this.#booted = true;
    await this.#log([
      `cloud-init[612]: Cloud-init v. 23.1.2 finished at ${new Date().toUTCString()}.`,
      '',
      `${hostname} login: `,
    ]);
  }

  /** Kills every process, closes SSH; the directory stays. */
  async powerOff(): Promise<void> {
    await this.#sshd?.close();
    this.#sshd = undefined;
    await this.#options.reaper.killServer(this.#options.id);
  }

  async destroy(): Promise<void> {
    await this.powerOff();
    await rm(this.#options.directory, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Last bytes of the console log, at most 100 KiB as in Nova. */
  console(): Promise<string> {
    return readTail(this.#consoleFile);
  }

  async #startSsh(): Promise<void> {
    const { directory, hostname, addresses, sshPort: port, publicKey: authorizedKey } = this.#options;
    const hostKey = await loadHostKey(join(directory, 'ssh_host_ed25519_key'));
    const surroundings = this.#surroundings;
    this.#sshd = await startSshServer({ addresses, port, hostKey: hostKey.private, authorizedKey, surroundings });
    await this.#log(hostKeyLines(hostKey.public, hostname));
  }

  /** As cloud-init: its output goes to the console; here nobody waits for it. */
  async #runUserData(): Promise<void> {
    const script = Buffer.from(this.#options.userData ?? '', 'base64').toString('utf8');
    if (!script.startsWith('#!')) return;
    const file = join(this.#options.directory, 'user-data');
    await writeFile(file, script, { mode: 0o700 });
    const child = spawnShell(['-c', 'exec "$0" >>"$1" 2>&1 </dev/null', file, this.#consoleFile], this.#surroundings);
    child.on('error', () => {});
  }

  /** A serial console ends its lines with CR LF. */
  async #log(lines: readonly string[]): Promise<void> {
    await appendFile(this.#consoleFile, lines.map((line) => `${line}\r\n`).join(''));
  }
}

function bootLines({ id, hostname, addresses }: MachineOptions): string[] {
  return [
    '[    0.000000] Linux version 6.1.0-simulated (sidegate)',
    `[    0.412003] systemd[1]: Hostname set to <${hostname}>.`,
    "cloud-init[341]: Cloud-init v. 23.1.2 running 'init'.",
    `ci-info: instance-id ${id}`,
    ...addresses.map((address, index) => `ci-info: eth${index} up ${address}`),
  ];
}

function hostKeyLines(publicKey: string, hostname: string): string[] {
  const [type, blob] = publicKey.split(' ');
  return ['-----BEGIN SSH HOST KEY KEYS-----', `${type} ${blob} root@${hostname}`, '-----END SSH HOST KEY KEYS-----'];
}

/** The key of an earlier boot, or a new one. */
async function loadHostKey(file: string): Promise<{ private: string; public: string }> {
  const stored = await readFile(file, 'utf8').catch(() => undefined);
  if (stored !== undefined) return JSON.parse(stored) as { private: string; public: string };
  const key = makeHostKey();
  await writeFile(file, JSON.stringify(key), { mode: 0o600 });
  return key;
}

function makeHostKey(): { private: string; public: string } {
  const { privateKey, publicKey } = generateSshKey('test server');
  return { private: privateKey, public: publicKey };
}

async function readTail(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - consoleLimit);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}
