import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Room, Timings } from './call.ts';
import { usualCapacity } from './capacity.ts';
import type { Capacity } from './capacity.ts';
import { createFaults } from './faults.ts';
import { createMishaps } from './mishaps.ts';
import { createRandom } from '../../src/shared/create-random.ts';
import type { Release } from './release.ts';
import { serve } from './serve.ts';
import type { Answered } from './serve.ts';
import { createZvmSystem } from './system.ts';
import { createTokens } from './token.ts';

export interface ZvmSimulatorOptions extends Partial<Timings> {
  /** 0 (the default) takes a free one. */
  readonly port?: number;
  /** With it, every call needs a token got by `POST /token`. */
  readonly adminToken?: string;
  /** Of a token; milliseconds. */
  readonly tokenLifetime?: number;
  /** Name of the z/VM system. */
  readonly host?: string;
  readonly release?: Release;
  readonly vswitches?: readonly string[];
  readonly capacity?: Partial<Capacity>;
  /** A defect of 1.6.3 that only concerns callers other than nova: guests must have a list of disks. Default: false. */
  readonly failsWithoutDisks?: boolean;
  /** Of the chance in faults. */
  readonly seed?: number;
}

export interface ZvmSimulator {
  readonly url: string;
  readonly host: string;
  close(): Promise<void>;
}

const anHour = 3_600_000;

/** Starts a z/VM behind Feilong's REST interface on loopback. */
export async function startZvmSimulator(options: ZvmSimulatorOptions = {}): Promise<ZvmSimulator> {
  const room = createRoom(options);
  const server = createServer((request, response) => {
    void serve(room, request).then((answered) => send(response, answered));
  });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: room.system.host,
    close() {
      room.mishaps.close();
      return close(server);
    },
  };
}

/** One of each name, on ports one after the other when a port is given: each is a z/VM of its own behind its own Feilong. */
export async function startZvmSimulators(
  hosts: readonly string[],
  options: Omit<ZvmSimulatorOptions, 'host'> = {},
): Promise<readonly ZvmSimulator[]> {
  const started: ZvmSimulator[] = [];
  try {
    for (const [index, host] of hosts.entries()) {
      const port = options.port ? options.port + index : 0;
      started.push(await startZvmSimulator({ ...options, host, port }));
    }
    return started;
  } catch (error) {
    await Promise.all(started.map((simulator) => simulator.close()));
    throw error;
  }
}

function createRoom(options: ZvmSimulatorOptions): Room {
  const random = createRandom(options.seed ?? 1);
  const faults = createFaults(random);
  const capacity = { ...usualCapacity, ...options.capacity };
  const system = createZvmSystem(options.host ?? 'SIMZVM1', capacity, options.vswitches ?? ['VSW1', 'VSW2']);
  const { adminToken } = options;
  return {
    system,
    release: options.release ?? '1.6.3',
    faults,
    mishaps: createMishaps(system, faults, random),
    timings: {
      createTime: options.createTime ?? 0,
      deployTime: options.deployTime ?? 0,
      softstopTime: options.softstopTime ?? 0,
    },
    tokens: adminToken === undefined ? undefined : createTokens(adminToken, options.tokenLifetime ?? anHour),
    failsWithoutDisks: options.failsWithoutDisks ?? false,
    deploys: 0,
  };
}

/** Feilong behind uwsgi does not keep connections. */
function send(response: ServerResponse, { cut, reply }: Answered): void {
  if (cut === 'at once') {
    response.socket?.destroy();
    return;
  }
  const body = Buffer.from(reply.body);
  const headers = {
    'content-type': reply.contentType,
    'content-length': body.length,
    connection: 'close',
    ...reply.headers,
  };
  response.writeHead(reply.status, headers);
  if (cut === undefined) response.end(body);
  else response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
