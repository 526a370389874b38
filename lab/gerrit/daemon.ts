import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Java } from './java.ts';

/** Folders and files of one running Gerrit. */
export interface Installation {
  readonly root: string;
  readonly site: string;
  readonly keys: string;
  readonly log: string;
  readonly pidFile: string;
}

const READY = /Gerrit Code Review .*ready/;
const BOOT_LIMIT = 240_000;
const STOP_LIMIT = 60_000;

export function installationIn(root: string): Installation {
  return {
    root,
    site: join(root, 'site'),
    keys: join(root, 'keys'),
    log: join(root, 'gerrit.log'),
    pidFile: join(root, 'gerrit.pid'),
  };
}

/** Starts the server in its own process group and resolves when it says it is ready. */
export async function startDaemon(installation: Installation, java: Java, war: string): Promise<void> {
  const temporary = join(installation.root, 'tmp');
  // The launcher unpacks 90 MiB of jars here at each start, and a killed one leaves them.
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });

  const from = existsSync(installation.log) ? (await stat(installation.log)).size : 0;
  const log = openSync(installation.log, 'a');
  const options = ['-Xmx512m', '-Xss512k', '-XX:+UseSerialGC'];
  const child = spawn(
    join(java.home, 'bin/java'),
    [...options, '-jar', war, 'daemon', '--headless', '--console-log', '-d', installation.site],
    {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, GERRIT_TMP: temporary, JAVA_HOME: java.home },
    },
  );
  closeSync(log);
  child.unref();
  await writeFile(installation.pidFile, `${child.pid}\n`);
  await untilReady(installation, from);
}

async function untilReady(installation: Installation, from: number): Promise<void> {
  const deadline = Date.now() + BOOT_LIMIT;
  for (;;) {
    const said = readFileSync(installation.log).subarray(from).toString('utf8');
    if (READY.test(said)) return;
    if (runningPid(installation) === undefined) throw new Error(`Gerrit ended while starting: ${said.slice(-4000)}`);
    if (Date.now() > deadline)
      throw new Error(`Gerrit is not ready after ${BOOT_LIMIT / 1000} s: ${said.slice(-4000)}`);
    await wait(100);
  }
}

/** Process id of the server, when it runs. The command line is compared because ids are used again. */
export function runningPid(installation: Installation): number | undefined {
  try {
    const pid = Number(readFileSync(installation.pidFile, 'utf8'));
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return commandLine.includes(installation.site) ? pid : undefined;
  } catch {
    return undefined;
  }
}

export function signalDaemon(installation: Installation, signal: NodeJS.Signals): void {
  const pid = runningPid(installation);
  if (pid !== undefined) process.kill(pid, signal);
}

/** SIGTERM, and SIGKILL for one that does not go. */
export async function stopDaemon(installation: Installation): Promise<void> {
  signalDaemon(installation, 'SIGCONT');
  signalDaemon(installation, 'SIGTERM');
  if (await untilGone(installation, STOP_LIMIT)) return;
  await killDaemon(installation);
}

export async function killDaemon(installation: Installation): Promise<void> {
  signalDaemon(installation, 'SIGKILL');
  if (!(await untilGone(installation, STOP_LIMIT))) throw new Error('Gerrit does not go away after SIGKILL');
}

async function untilGone(installation: Installation, limit: number): Promise<boolean> {
  const deadline = Date.now() + limit;
  while (runningPid(installation) !== undefined) {
    if (Date.now() > deadline) return false;
    await wait(50);
  }
  return true;
}
