import { startZvmSimulator, startZvmSimulators } from './server.ts';
import type { ZvmSimulator, ZvmSimulatorOptions } from './server.ts';

export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

const started: ZvmSimulator[] = [];

/** Starts a simulator that `stopAll` stops. */
export async function start(options: ZvmSimulatorOptions = {}): Promise<string> {
  const simulator = await startZvmSimulator(options);
  started.push(simulator);
  return simulator.url;
}

/** Starts several systems, each behind a Feilong of its own, that `stopAll` stops; their URLs by name. */
export async function startSystems(
  hosts: readonly string[],
  options: ZvmSimulatorOptions = {},
): Promise<Readonly<Record<string, string>>> {
  const simulators = await startZvmSimulators(hosts, options);
  started.push(...simulators);
  return Object.fromEntries(simulators.map(({ host, url }) => [host, url]));
}

export async function stopAll(): Promise<void> {
  await Promise.all(started.splice(0).map((simulator) => simulator.close()));
}

/** One call; `route` is `METHOD /path`. */
export async function call(
  url: string,
  route: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const sent = body === undefined || body === null ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...sent,
  });
  const text = await response.text();
  const parsed: unknown = /^[[{]/.test(text) ? JSON.parse(text) : text;
  return { status: response.status, contentType: response.headers.get('content-type'), body: parsed };
}

export function guest(userid: string): { guest: object } {
  return { guest: { userid, vcpus: 1, memory: 512, disk_list: [{ size: '1g', is_boot_disk: true }] } };
}

export async function createGuests(url: string, ...userids: string[]): Promise<void> {
  for (const userid of userids) await call(url, 'POST /guests', guest(userid));
}

export function act(url: string, userid: string, action: string, more: object = {}): Promise<Answer> {
  return call(url, `POST /guests/${userid}/action`, { action, ...more });
}

export function fault(url: string, kind: string, more: object = {}): Promise<Answer> {
  return call(url, 'POST /simulator/faults', { kind, ...more });
}

/** Status and Feilong's codes: `500 8/596/6213`. */
export function codes({ body, status }: Answer): string {
  const { overallRC, rc, rs } = body as { overallRC: number; rc: number; rs: number };
  return `${status} ${overallRC}/${rc}/${rs}`;
}

export function errmsg(answer: Answer): string {
  return (answer.body as { errmsg: string }).errmsg;
}

export function output(answer: Answer): unknown {
  return (answer.body as { output: unknown }).output;
}
