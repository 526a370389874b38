import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Place } from './place.ts';
import { findProcesses } from './processes.ts';
import { environmentOf, serviceOf } from './services.ts';
import type { Service, ServiceName } from './services.ts';

const LIMIT = 180_000;

export interface Launch {
  readonly root: string;
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** All of it; `marks` must be among it. */
  readonly env: Readonly<Record<string, string>>;
  readonly ready: (pid: number | undefined) => Promise<boolean>;
}

export async function runService(place: Place, name: ServiceName): Promise<void> {
  const service = serviceOf(place, name);
  const env = { ...environmentOf(place.root, name), ...service.env };
  await launch({
    root: place.root,
    name,
    command: service.command,
    env,
    ready: (pid) => listens(service, pid),
  });
}

/** Starts a service in a session of its own, so that Ctrl-C does not reach it, and resolves when it is ready. */
export async function launch({ root, name, command, env, ready }: Launch): Promise<void> {
  if (findProcesses(root, name).length > 0) return;
  const log = join(root, 'log', `${name}.out`);
  const output = openSync(log, 'a');
  const [program, ...args] = command;
  const child = spawn(program, args, { detached: true, cwd: root, stdio: ['ignore', output, output], env });
  closeSync(output);
  child.unref();
  const ended = once(child, 'exit').then(([status]) => status as number | null);
  let status: number | null | undefined;
  ended.then(
    (value) => (status = value ?? -1),
    () => (status = -1),
  );

  const deadline = Date.now() + LIMIT;
  while (!(await ready(child.pid))) {
    if (status !== undefined) throw new Error(`${name} ended while starting (${status}): ${endOf(log)}`);
    if (Date.now() > deadline) throw new Error(`${name} is not ready after ${LIMIT / 1000} s: ${endOf(log)}`);
    await wait(100);
  }
}

async function listens({ port, http, command }: Service, pid: number | undefined): Promise<boolean> {
  if (port === undefined) return runs(command, pid);
  return http === true ? answers(`http://127.0.0.1:${port}/`) : accepts(port);
}

export function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(5000) }).then(
    async (answer) => {
      await answer.body?.cancel();
      return true;
    },
    () => false,
  );
}

/** A program that is started by `unshare` or `nsenter` runs once they are no longer seen. */
function runs([program]: Service['command'], pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return line !== '' && !(['unshare', 'nsenter'].includes(program) && line.startsWith(program));
  } catch {
    return false;
  }
}

export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function endOf(log: string): string {
  return readFileSync(log, 'utf8').slice(-3000);
}
