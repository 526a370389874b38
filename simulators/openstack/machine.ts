import { appendFile, mkdir, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { bootLines, finishedLines, hostKeyLines, panicLines } from './boot-messages.ts';
import { copyFiles } from './copy-files.ts';
import type { Reaper } from './reaper.ts';
import { spawnShell } from './run-command.ts';
import type { Surroundings } from './run-command.ts';
import { authorizedKeysFile, createSshServer } from './ssh-server.ts';
import type { SshServer } from './ssh-server.ts';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';

/** What runs behind an ACTIVE server. */
export interface Machine {
  /** Puts the files of its image on the disk, before the first boot. */
  install(): Promise<void>;
  powerOn(): Promise<void>;
  /** Kills every process, closes SSH; the disk stays. */
  powerOff(): Promise<void>;
  /** Its kernel panics: the console says so, and nothing answers any more until it is powered on again. */
  panic(): Promise<void>;
  destroy(): Promise<void>;
  /** To be called when its addresses changed. */
  readdress(): Promise<void>;
  /** Copies what is on the disk for a snapshot; undefined: there is nothing that could be copied. */
  saveFiles(directory: string): Promise<string | undefined>;
  /** Last bytes of the console log, at most 100 KiB as in Nova. */
  console(): Promise<string>;
}

/** `closed`: there is a host key on the console, and nobody can log in. */
export type SshState = 'open' | 'closed' | 'none';

export interface MachineOptions {
  /** Nova's id of the server. */
  readonly id: string;
  readonly hostname: string;
  /** Everything the server has on disk. */
  readonly directory: string;
  /** Fixed and floating ones, as they are now. */
  readonly addresses: () => readonly string[];
  readonly sshPort: number;
  readonly user: string;
  readonly publicKey: string | undefined;
  /** Base64, as Nova got it; a script (`#!`) runs at first boot, anything else is kept for cloud-init's sake only. */
  readonly userData: string | undefined;
  /** Files of the image; undefined: an empty home. */
  readonly files: string | undefined;
  readonly ssh: SshState;
  readonly reaper: Reaper;
}

const consoleLimit = 102_400;

/** A directory, an SSH server and the processes of both. */
export class ShellMachine implements Machine {
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

  async install(): Promise<void> {
    const { home, temporary } = this.#surroundings;
    await Promise.all([mkdir(home, { recursive: true }), mkdir(temporary, { recursive: true })]);
    if (this.#options.files !== undefined) await copyFiles(this.#options.files, home);
  }

  async powerOn(): Promise<void> {
    const { hostname, id, addresses } = this.#options;
    await this.#log(bootLines(id, hostname, addresses()));
    if (this.#booted) await this.#changeBootIds();
    await this.#startSsh();
    if (!this.#booted) await this.#runUserData();
    this.#booted = true;
    await this.#log(finishedLines(hostname));
  }

  async powerOff(): Promise<void> {
    await this.#sshd?.close();
    this.#sshd = undefined;
    await this.#options.reaper.killServer(this.#options.id);
  }

  async panic(): Promise<void> {
    await this.powerOff();
    await this.#log(panicLines());
  }

  async destroy(): Promise<void> {
    await this.powerOff();
    await rm(this.#options.directory, { recursive: true, force: true, maxRetries: 3 });
  }

  async readdress(): Promise<void> {
    await this.#sshd?.setAddresses(this.#options.addresses());
  }

  /** A snapshot has no keys of its own: they come with the next boot. */
  async saveFiles(directory: string): Promise<string> {
    await copyFiles(this.#surroundings.home, directory);
    await rm(authorizedKeysFile(directory), { force: true });
    return directory;
  }

  console(): Promise<string> {
    return readTail(this.#consoleFile);
  }

  async #startSsh(): Promise<void> {
    const { directory, hostname, sshPort: port, publicKey: authorizedKey, ssh } = this.#options;
    if (ssh === 'none') return;
    const hostKey = await loadHostKey(join(directory, 'ssh_host_ed25519_key'));
    const surroundings = this.#surroundings;
    if (ssh === 'open') this.#sshd = createSshServer({ port, hostKey: hostKey.private, authorizedKey, surroundings });
    await this.readdress();
    await this.#log(hostKeyLines(hostKey.public, hostname));
  }

  /** All servers have the kernel of this machine, and its boot id stays. So what jobs noted of it (`boot-id`) becomes that of an earlier boot. */
  async #changeBootIds(): Promise<void> {
    const jobs = join(this.#surroundings.home, '.sidegate');
    for (const job of await readdir(jobs).catch(() => []))
      await writeFile(join(jobs, job, 'boot-id'), `${randomUUID()}\n`, { flag: 'r+' }).catch(() => {});
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
