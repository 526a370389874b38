import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServerChannel } from 'ssh2';

export interface Surroundings {
  readonly home: string;
  readonly temporary: string;
  readonly user: string;
  readonly marks: Readonly<Record<string, string>>;
}

const shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';
const path = [
  dirname(process.execPath),
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
].join(':');

/** Starts a command as sshd does: the login shell, in a session of its own, in the home directory, with a small environment. */
export function spawnShell(arguments_: readonly string[], where: Surroundings): ChildProcessWithoutNullStreams {
  return spawn(shell, arguments_, {
    cwd: where.home,
    detached: true,
    stdio: 'pipe',
    env: {
      HOME: where.home,
      USER: where.user,
      LOGNAME: where.user,
      SHELL: shell,
      PATH: path,
      TMPDIR: where.temporary,
      LANG: 'C.UTF-8',
      ...where.marks,
    },
  });
}

/** Ties a process to an SSH channel. Like sshd: the status goes out when the process ends, the channel closes when its output has. */
export function attach(child: ChildProcessWithoutNullStreams, channel: ServerChannel): void {
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  for (const stream of [child.stdin, child.stdout, child.stderr, channel, channel.stderr]) stream.on('error', () => {});

  child.on('error', () => {
    channel.exit(127);
    channel.end();
  });
  child.on('exit', (status, signal) => {
    if (status === null) channel.exit((signal ?? 'KILL').replace(/^SIG/u, ''), false, '');
    else channel.exit(status);
  });
  child.on('close', () => channel.end());
  channel.on('close', () => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGHUP');
  });
}
