import { novaError } from './errors.ts';
import type { Answer } from './http.ts';
import type { NovaCall } from './nova-context.ts';
import { hasStatus, serverSummary, serverView } from './nova-view.ts';
import { isAdmin } from './tokens.ts';
import type { SimulatedServer } from './world.ts';

/** osapi_max_limit of Nova. */
const pageLimit = 1000;

type Filter = (server: SimulatedServer, value: string) => boolean;

const filters: Readonly<Record<string, Filter>> = {
  status: hasStatus,
  availability_zone: (server, value) => server.availabilityZone === value,
  flavor: (server, value) => server.flavor.id === value,
  image: (server, value) => server.image?.id === value,
  tags: (server, value) => value.split(',').every((tag) => server.tags.includes(tag)),
  'tags-any': (server, value) => value.split(',').some((tag) => server.tags.includes(tag)),
  'not-tags': (server, value) => !value.split(',').every((tag) => server.tags.includes(tag)),
};

/** GET /servers and /servers/detail of the project, newest first. */
export function listServers(call: NovaCall, detail: boolean): Answer {
  const all = isAdmin(call.token) && ['1', 'True', 'true'].includes(call.query.get('all_tenants') ?? '');
  const known = [...call.nova.world.servers.values()];
  const own = all ? known : known.filter(({ projectId }) => projectId === call.token.project.id);
  const matching = own.filter(matcher(call.query)).toReversed();
  const page = cutPage(matching, call.query);
  const servers = page.map((server) =>
    detail ? serverView(server, { ...call, world: call.nova.world, list: true }) : serverSummary(server, call.base),
  );
  const last = page.at(-1);
  const full = last && page.length === readLimit(call.query);
  return { status: 200, body: { servers, ...(full ? { servers_links: nextLink(call, last.id, detail) } : {}) } };
}

function matcher(query: URLSearchParams): (server: SimulatedServer) => boolean {
  const name = query.get('name');
  const pattern = name === null ? undefined : namePattern(name);
  const asked = Object.entries(filters).flatMap(([key, filter]) => {
    const value = query.get(key);
    return value === null ? [] : [(server: SimulatedServer) => filter(server, value)];
  });
  return (server) => (pattern?.test(server.name) ?? true) && asked.every((filter) => filter(server));
}

/** The name filter is a regular expression of the database. */
function namePattern(text: string): RegExp {
  try {
    return new RegExp(text, 'iu');
  } catch {
    throw novaError(400, 'Regex is invalid');
  }
}

function readLimit(query: URLSearchParams): number {
  const text = query.get('limit') ?? String(pageLimit);
  if (!/^\d+$/u.test(text))
    throw novaError(
      400,
      `Invalid input for query parameters limit. Value: ${text}. '${text}' does not match '^[0-9]*$'`,
    );
  return Math.min(Number(text), pageLimit);
}

function cutPage(servers: readonly SimulatedServer[], query: URLSearchParams): readonly SimulatedServer[] {
  const limit = readLimit(query);
  const marker = query.get('marker');
  if (marker === null) return servers.slice(0, limit);
  const index = servers.findIndex(({ id }) => id === marker);
  if (index < 0) throw novaError(400, `marker [${marker}] not found`);
  return servers.slice(index + 1, index + 1 + limit);
}

/** Measured: a full page has a next link even when nothing follows. */
function nextLink(call: NovaCall, marker: string, detail: boolean): object[] {
  const query = new URLSearchParams(call.query);
  query.set('marker', marker);
  return [{ rel: 'next', href: `${call.base}/servers${detail ? '/detail' : ''}?${query.toString()}` }];
}
