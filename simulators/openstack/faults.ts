import { z } from 'zod';
import type { Answer, Arrival, Interference } from './http.ts';

const maximum = 1_000_000;
const region = z.string().max(100).optional();
/** How often: `times` counts down, 0 takes the fault back; `rate` is the share of all occasions. Neither: once. */
const often = { times: z.number().int().min(0).max(maximum).optional(), rate: z.number().min(0).max(1).optional() };
/** Which requests; all of them where nothing is said. */
const requests = {
  service: z.enum(['identity', 'compute', 'image', 'network', 'block-storage']).optional(),
  region,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  /** Part of the path below the service's prefix. */
  path: z.string().max(200).optional(),
};
const seconds = z.number().min(0).max(86_400);

/** Faults that wait for their occasion. */
const waitingFaults = [
  /** Servers go to ERROR; `zone`: those of that availability zone. */
  z.strictObject({ fault: z.literal('create-error'), region, zone: z.string().max(100).optional(), ...often }),
  /** The server is created, the connection is cut instead of an answer. */
  z.strictObject({ fault: z.literal('create-cut'), region, ...often }),
  /** The connection is cut before a server is created. */
  z.strictObject({ fault: z.literal('create-lost'), region, ...often }),
  /** Servers boot without SSH; `hostKey`: their console shows a host key all the same, as of one behind a firewall. */
  z.strictObject({ fault: z.literal('no-ssh'), hostKey: z.boolean().default(false), region, ...often }),
  /** Servers stay in BUILD until they are deleted. */
  z.strictObject({ fault: z.literal('stuck-build'), region, ...often }),
  /** Deletions of servers do not end. A forceDelete ends them, unless it is `stubborn`. */
  z.strictObject({ fault: z.literal('stuck-delete'), region, stubborn: z.boolean().default(false), ...often }),
  /** Servers that became ACTIVE vanish within `seconds`, as if somebody else had deleted them. */
  z.strictObject({ fault: z.literal('vanish'), region, seconds: seconds.default(10), ...often }),
  /** Volumes go to `error` instead of `available`. */
  z.strictObject({ fault: z.literal('volume-error'), region, ...often }),
  /** Snapshots of servers fail: Nova deletes the image. */
  z.strictObject({ fault: z.literal('snapshot-error'), region, ...often }),
  /** `form` html: the page of a proxy in front of the service. */
  z.strictObject({
    fault: z.literal('http'),
    status: z.number().int().min(400).max(599).default(503),
    form: z.enum(['json', 'html']).default('json'),
    ...requests,
    ...often,
  }),
  z.strictObject({ fault: z.literal('too-many-requests'), retryAfter: seconds.default(1), ...requests, ...often }),
  /** Nothing for that long, then the connection is cut. `handled`: the service did what it was asked for. */
  z.strictObject({
    fault: z.literal('silence'),
    seconds: seconds.default(30),
    handled: z.boolean().default(false),
    ...requests,
    ...often,
  }),
  /** The connection is cut instead of an answer. */
  z.strictObject({ fault: z.literal('cut'), handled: z.boolean().default(true), ...requests, ...often }),
  /** Like `revoke-tokens`, on the occasion of a request. */
  z.strictObject({ fault: z.literal('revoke-token'), ...requests, ...often }),
] as const;

const waitingSchema = z.discriminatedUnion('fault', waitingFaults);

/** What `POST /simulator/faults` takes. */
export const faultSchema = z.discriminatedUnion('fault', [
  ...waitingFaults,
  /** The server vanishes as if somebody else had deleted it; without `server`, `times` random ones that are ACTIVE. */
  z.strictObject({
    fault: z.literal('lose-server'),
    server: z.string().max(100).optional(),
    times: z.number().int().min(1).max(maximum).default(1),
  }),
  /** The kernel of the server panics. It stays ACTIVE and silent, or, with `reboots`, it boots again. */
  z.strictObject({ fault: z.literal('panic'), server: z.string().max(100), reboots: z.boolean().default(false) }),
  z.strictObject({ fault: z.literal('reboot'), server: z.string().max(100) }),
  z.strictObject({ fault: z.literal('revoke-tokens') }),
  /** Times in Keystone's answers are wrong by so much; 0 takes it back. */
  z.strictObject({ fault: z.literal('clock-skew'), seconds: z.number().min(-86_400).max(86_400) }),
  /** Tokens issued from now on end after so much; 0: as usual. */
  z.strictObject({ fault: z.literal('token-lifetime'), seconds: z.number().min(0).max(86_400) }),
  /** Another user of the project has so many servers, ports and floating addresses; 0 takes them back. */
  z.strictObject({
    fault: z.literal('others'),
    region,
    servers: z.number().int().min(0).max(10_000).default(0),
    cores: z.number().int().min(0).max(10_000).default(1),
    ram: z.number().int().min(0).max(10_000_000).default(512),
    ports: z.number().int().min(0).max(10_000).default(0),
    floatingIps: z.number().int().min(0).max(10_000).default(0),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type WaitingFault = z.infer<typeof waitingSchema>;
type RequestFault = Extract<WaitingFault, { service?: unknown }>;
export type MomentFault = Exclude<WaitingFault, RequestFault>;
type MomentName = MomentFault['fault'];

interface Entry {
  readonly fault: WaitingFault;
  /** Undefined: `rate` decides. */
  left: number | undefined;
  happened: number;
}

export interface Where {
  readonly region: string;
  readonly zone?: string;
}

export interface Faults {
  /** The fault, and one less left, when it is to happen now. */
  take<Name extends MomentName>(name: Name, where: Where): Extract<MomentFault, { fault: Name }> | undefined;
  interfere(arrival: Arrival): Interference | undefined;
  set(fault: WaitingFault): void;
  /** What waits and what happened, to show. */
  list(): readonly object[];
  /** All, or those of one name. */
  clear(name?: string): void;
}

export interface FaultsOptions {
  /** From 0 to 1. */
  readonly random: () => number;
  readonly revokeTokens: () => void;
}

export function createFaults({ random, revokeTokens }: FaultsOptions): Faults {
  const entries = new Map<string, Entry>();

  function happens(entry: Entry): boolean {
    if (entry.left === 0) return false;
    if (entry.left === undefined && random() >= (entry.fault.rate ?? 0)) return false;
    if (entry.left !== undefined) entry.left -= 1;
    entry.happened += 1;
    return true;
  }

  function interfere(arrival: Arrival): Interference | undefined {
    if (arrival.service === 'simulator') return undefined;
    for (const entry of entries.values()) {
      const { fault } = entry;
      if (!isRequestFault(fault) || !concerns(fault, arrival) || !happens(entry)) continue;
      if (fault.fault !== 'revoke-token') return interferenceOf(fault);
      revokeTokens();
    }
    return undefined;
  }

  return {
    take(name, where) {
      const found = [...entries.values()].find((entry) => isAt(entry.fault, name, where) && happens(entry));
      return found?.fault as never;
    },
    interfere,
    set(fault) {
      const { rate, times } = fault;
      entries.set(keyOf(fault), { fault, left: rate === undefined ? (times ?? 1) : undefined, happened: 0 });
    },
    list: () => [...entries.values()].map(({ fault, left, happened }) => ({ ...fault, times: left, happened })),
    clear(name) {
      for (const [key, { fault }] of entries) if (name === undefined || fault.fault === name) entries.delete(key);
    },
  };
}

/** The same fault at the same place replaces the one that was there; two answers are two faults. */
function keyOf(fault: WaitingFault): string {
  const place = isRequestFault(fault)
    ? [fault.service, fault.method, fault.path]
    : ['zone' in fault ? fault.zone : undefined];
  const answer = fault.fault === 'http' ? [fault.status, fault.form] : [];
  return JSON.stringify([fault.fault, 'region' in fault ? fault.region : undefined, ...place, ...answer]);
}

const requestFaults: readonly string[] = ['http', 'too-many-requests', 'silence', 'cut', 'revoke-token'];

function isRequestFault(fault: WaitingFault): fault is RequestFault {
  return requestFaults.includes(fault.fault);
}

function isAt(fault: WaitingFault, name: MomentName, where: Where): boolean {
  if (fault.fault !== name || (fault.region !== undefined && fault.region !== where.region)) return false;
  return !('zone' in fault) || fault.zone === undefined || fault.zone === where.zone;
}

function concerns(fault: RequestFault, { service, region: where, method, path }: Arrival): boolean {
  if (fault.service !== undefined && fault.service !== service) return false;
  if (fault.region !== undefined && fault.region !== where) return false;
  if (fault.method !== undefined && fault.method !== method) return false;
  return fault.path === undefined || path.includes(fault.path);
}

function interferenceOf(fault: Exclude<RequestFault, { fault: 'revoke-token' }>): Interference {
  switch (fault.fault) {
    case 'http':
      return { kind: 'answer', answer: failure(fault.status, fault.form) };
    case 'too-many-requests':
      return { kind: 'answer', answer: tooManyRequests(Math.ceil(fault.retryAfter)) };
    case 'silence':
      return { kind: 'silence', milliseconds: fault.seconds * 1000, handled: fault.handled };
    case 'cut':
      return { kind: 'cut', handled: fault.handled };
  }
}

const titles: Readonly<Record<number, string>> = {
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Time-out',
};

/** HTML as HAProxy writes it. */
function failure(status: number, form: 'json' | 'html'): Answer {
  if (form === 'json') return { status, body: { error: { code: status, message: 'Injected by the simulator.' } } };
  const title = titles[status] ?? 'Error';
  const text = 'No server is available to handle this request.';
  const headers = { 'Content-Type': 'text/html', 'Cache-Control': 'no-cache', Connection: 'close' };
  return { status, headers, body: `<html><body><h1>${status} ${title}</h1>\n${text}\n</body></html>\n` };
}

function tooManyRequests(retryAfter: number): Answer {
  const fault = { code: 429, message: 'This request was rate-limited.', retryAfter: String(retryAfter) };
  return { status: 429, headers: { 'Retry-After': String(retryAfter) }, body: { overLimit: fault } };
}
