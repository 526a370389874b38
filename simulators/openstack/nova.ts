import { novaError } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Service } from './http.ts';
import { createServer } from './nova-create.ts';
import { bodyObject, novaRoute, pathServer } from './nova-context.ts';
import type { NovaCall, NovaOptions } from './nova-context.ts';
import { keypairRoutes } from './nova-keypairs.ts';
import { listServers } from './nova-list.ts';
import { quotaRoutes } from './nova-quota.ts';
import { flavorView, links, serverView } from './nova-view.ts';
import type { SimulatedServer } from './world.ts';

export function novaService(nova: NovaOptions): Service {
  return {
    name: 'compute',
    prefix: '/compute',
    notFound: () => novaError(404, 'The resource could not be found.').answer,
    badJson: () => novaError(400, 'Malformed request body').answer,
    routes: [
      { method: 'GET', path: '/', handle: ({ origin }) => ({ status: 200, body: { versions: versions(origin) } }) },
      novaRoute(nova, 'GET', '', ({ origin }) => ({ status: 200, body: { version: versionDetail(origin) } })),
      ...serverRoutes(nova),
      ...flavorRoutes(nova),
      ...keypairRoutes(nova),
      ...quotaRoutes(nova),
      novaRoute(nova, 'GET', '/os-availability-zone', () => ({
        status: 200,
        body: { availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true }, hosts: null }] },
      })),
    ],
  };
}

function versions(origin: string): object[] {
  const v20 = { id: 'v2.0', status: 'SUPPORTED', version: '', min_version: '', updated: '2011-01-21T11:33:21Z' };
  const { 'media-types': _types, ...v21 } = versionDetail(origin);
  return [
    { ...v20, links: [{ rel: 'self', href: `${origin}/compute/v2/` }] },
    { ...v21, links: v21.links.slice(0, 1) },
  ];
}

function versionDetail(origin: string) {
  return {
    id: 'v2.1',
    status: 'CURRENT',
    version: '2.93',
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
    links: [
      { rel: 'self', href: `${origin}/compute/v2.1/` },
      { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }],
  };
}

function serverRoutes(nova: NovaOptions) {
  return [
    novaRoute(nova, 'POST', '/servers', createServer),
    novaRoute(nova, 'GET', '/servers', (call) => listServers(call, false)),
    novaRoute(nova, 'GET', '/servers/detail', (call) => listServers(call, true)),
    novaRoute(nova, 'GET', '/servers/:id', (call) => ({
      status: 200,
      body: { server: serverView(pathServer(call), call) },
    })),
    novaRoute(nova, 'DELETE', '/servers/:id', deleteServer),
    novaRoute(nova, 'POST', '/servers/:id/action', actOnServer),
    novaRoute(nova, 'GET', '/servers/:id/metadata', (call) => metadataOf(pathServer(call))),
    novaRoute(nova, 'POST', '/servers/:id/metadata', (call) => setMetadata(call, pathServer(call).metadata)),
    novaRoute(nova, 'PUT', '/servers/:id/metadata', (call) => setMetadata(call, {})),
    novaRoute(nova, 'GET', '/servers/:id/tags', (call) => ({
      status: 200,
      body: { tags: pathServer(call).tags.toSorted() },
    })),
    novaRoute(nova, 'PUT', '/servers/:id/tags/:tag', addTag),
    novaRoute(nova, 'GET', '/servers/:id/os-interface', listInterfaces),
  ];
}

function flavorRoutes(nova: NovaOptions) {
  const { flavors } = nova.world;
  return [
    novaRoute(nova, 'GET', '/flavors', ({ base }) => ({
      status: 200,
      body: { flavors: flavors.map(({ id, name }) => ({ id, name, links: links(base, `flavors/${id}`) })) },
    })),
    novaRoute(nova, 'GET', '/flavors/detail', (call) => ({
      status: 200,
      body: { flavors: flavors.map((flavor) => flavorView(flavor, call)) },
    })),
    novaRoute(nova, 'GET', '/flavors/:id', (call) => {
      const flavor = flavors.find(({ id }) => id === call.params['id']);
      if (!flavor) throw novaError(404, `Flavor ${call.params['id']} could not be found.`);
      return { status: 200, body: { flavor: flavorView(flavor, call) } };
    }),
  ];
}

/** Measured: deleting again while it is being deleted is 204, afterwards 404. */
function deleteServer(call: NovaCall): Answer {
  const server = pathServer(call);
  if (server.taskState !== 'deleting') void call.nova.compute.destroy(server);
  return { status: 204 };
}

async function actOnServer(call: NovaCall): Promise<Answer> {
  const server = pathServer(call);
  const [action = '', argument] = Object.entries((call.json ?? {}) as Record<string, unknown>)[0] ?? [];
  switch (action) {
    case 'os-getConsoleOutput':
      return showConsole(server, argument);
    case 'os-stop':
      checkState(server, 'stop', 'active');
      void call.nova.compute.stop(server);
      return { status: 202 };
    case 'os-start':
      checkState(server, 'start', 'stopped');
      void call.nova.compute.start(server);
      return { status: 202 };
    case 'reboot':
      checkState(server, 'reboot', 'active');
      void call.nova.compute.reboot(server);
      return { status: 202 };
    default:
      throw novaError(400, `There is no such action: ${action}`);
  }
}

function checkState(server: SimulatedServer, action: string, wanted: SimulatedServer['vmState']): void {
  const what = `Cannot '${action}' instance ${server.id} while it is in`;
  if (server.vmState !== wanted) throw novaError(409, `${what} vm_state ${server.vmState}`);
  if (server.taskState !== undefined) throw novaError(409, `${what} task_state ${server.taskState}`);
}

async function showConsole(server: SimulatedServer, argument: unknown): Promise<Answer> {
  if (!server.machine || server.launchedAt === undefined) throw novaError(409, `Instance ${server.id} is not ready`);
  const text = await server.machine.console();
  const length = (argument as { length?: unknown } | null)?.length ?? undefined;
  const output =
    length === undefined
      ? text
      : text
          .split('\n')
          .slice(-Number(length) - 1)
          .join('\n');
  return { status: 200, body: { output } };
}

function metadataOf({ metadata }: SimulatedServer): Answer {
  return { status: 200, body: { metadata } };
}

function setMetadata(call: NovaCall, keep: Record<string, string>): Answer {
  const server = pathServer(call);
  const given = Object.entries(bodyObject(call, 'metadata')).map(([key, value]) => [key, asText(value)] as const);
  server.metadata = { ...keep, ...Object.fromEntries(given) };
  return metadataOf(server);
}

function addTag(call: NovaCall): Answer {
  const server = pathServer(call);
  const tag = call.params['tag'] ?? '';
  if (server.tags.includes(tag)) return { status: 204 };
  server.tags.push(tag);
  return { status: 201, headers: { Location: `${call.base}/servers/${server.id}/tags/${tag}` } };
}

function listInterfaces(call: NovaCall): Answer {
  const interfaceAttachments = pathServer(call).ports.map(({ id, network, mac, address }) => ({
    net_id: network.id,
    port_id: id,
    mac_addr: mac,
    port_state: 'ACTIVE',
    fixed_ips: [{ subnet_id: network.subnetId, ip_address: address }],
    ...(call.version >= 70 ? { tag: null } : {}),
  }));
  return { status: 200, body: { interfaceAttachments } };
}
