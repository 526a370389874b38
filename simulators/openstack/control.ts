import { z } from 'zod';
import { novaError } from './errors.ts';
import { faultSchema } from './faults.ts';
import type { Fault, Faults } from './faults.ts';
import type { Answer, Call, Service } from './http.ts';
import { placeOthers } from './others.ts';
import type { Region } from './region.ts';
import { remainsOf } from './remains.ts';
import type { RequestLog } from './request-log.ts';
import type { TokenStore } from './tokens.ts';
import type { Identity, SimulatedServer } from './world.ts';

export interface ControlOptions {
  readonly identity: Identity;
  readonly regions: readonly Region[];
  readonly tokens: TokenStore;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly random: () => number;
  /** Milliseconds that Keystone's times are wrong by. */
  readonly clock: { skew: number };
}

/** The simulator's own door, beside the cloud's. */
export function controlService(control: ControlOptions): Service {
  const { faults, log } = control;
  return {
    name: 'simulator',
    region: undefined,
    prefix: '/simulator',
    notFound: () => ({ status: 404, body: { error: 'there are /simulator/faults, /requests and /remains' } }),
    badJson: () => novaError(400, 'Malformed request body').answer,
    routes: [
      { method: 'POST', path: '/faults', handle: (call) => setFault(control, call) },
      { method: 'GET', path: '/faults', handle: () => ({ status: 200, body: { faults: faults.list() } }) },
      { method: 'DELETE', path: '/faults', handle: () => clearFaults(control, undefined) },
      { method: 'DELETE', path: '/faults/:name', handle: ({ params }) => clearFaults(control, params['name']) },
      { method: 'GET', path: '/requests', handle: () => ({ status: 200, body: log.report() }) },
      {
        method: 'DELETE',
        path: '/requests',
        handle: () => {
          log.clear();
          return { status: 204 };
        },
      },
      {
        method: 'GET',
        path: '/remains',
        handle: () => ({ status: 200, body: remainsOf(control.identity, control.regions) }),
      },
    ],
  };
}

function setFault(control: ControlOptions, call: Call): Answer {
  const parsed = faultSchema.safeParse(call.json);
  if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
  applyFault(control, parsed.data);
  return { status: 200, body: parsed.data };
}

function applyFault(control: ControlOptions, fault: Fault): void {
  if (fault.fault === 'revoke-tokens') control.tokens.revokeAll();
  else if (fault.fault === 'token-lifetime') control.tokens.setLifetime(fault.seconds * 1000 || undefined);
  else if (fault.fault === 'clock-skew') control.clock.skew = fault.seconds * 1000;
  else if (fault.fault === 'others') placeOthers(regionOf(control, fault.region), fault);
  else if (fault.fault === 'lose-server') loseServers(control, fault.server, fault.times);
  else if (fault.fault === 'panic' || fault.fault === 'reboot') breakOff(control, fault);
  else control.faults.set(fault);
}

/** What a running server does is over. */
function breakOff({ regions }: ControlOptions, fault: Extract<Fault, { fault: 'panic' | 'reboot' }>): void {
  for (const { compute, world } of regions) {
    const server = world.servers.get(fault.server);
    if (!server || !isRunning(server)) continue;
    void (fault.fault === 'reboot' ? compute.reboot(server) : compute.panic(server, fault.reboots));
  }
}

function regionOf({ regions }: ControlOptions, name: string | undefined): Region {
  return regions.find((region) => region.name === name) ?? regions[0]!;
}

function loseServers({ regions, random }: ControlOptions, id: string | undefined, times: number): void {
  const all = regions.flatMap(({ compute, world }) =>
    [...world.servers.values()].map((server) => ({ compute, server })),
  );
  const wanted = all.filter(({ server }) => (id === undefined ? isRunning(server) : server.id === id));
  for (let left = times; left > 0 && wanted.length > 0; left -= 1) {
    const [lost] = wanted.splice(Math.floor(random() * wanted.length), 1);
    if (lost) void lost.compute.lose(lost.server);
  }
}

/** Those of other users have no machine. */
function isRunning({ vmState, taskState, machine }: SimulatedServer): boolean {
  return vmState === 'active' && taskState !== 'deleting' && machine !== undefined;
}

/** What was stuck goes on, clocks are right again, other users go away. */
function clearFaults(control: ControlOptions, name: string | undefined): Answer {
  const concerns = (fault: Fault['fault']) => name === undefined || name === fault;
  control.faults.clear(name);
  if (concerns('clock-skew')) control.clock.skew = 0;
  if (concerns('token-lifetime')) control.tokens.setLifetime(undefined);
  for (const region of control.regions) {
    if (concerns('stuck-delete')) void region.compute.freeStuck();
    if (concerns('others')) placeOthers(region, { servers: 0, cores: 1, ram: 512, ports: 0, floatingIps: 0 });
  }
  return { status: 204 };
}
