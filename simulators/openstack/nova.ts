import { novaError } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Call, Service } from './http.ts';
import { actOnServer, deleteServer } from './nova-actions.ts';
import { createServer } from './nova-create.ts';
import { bodyObject, novaRoute, pathServer, readVersion, versionHeaders } from './nova-context.ts';
import type { NovaCall, NovaOptions } from './nova-context.ts';
import { keypairRoutes } from './nova-keypairs.ts';
import { listServers } from './nova-list.ts';
import { quotaRoutes } from './nova-quota.ts';
import { flavorView, links, serverView } from './nova-view.ts';
import type { SimulatedServer } from './world.ts';

export function novaService(nova: NovaOptions): Service {
  return {
    name: 'compute',
    region: nova.name,
    prefix: `${nova.prefix}/compute`,
    notFound: () => novaError(404, 'The resource could not be found.').answer,
    badJson: () => novaError(400, 'Malformed request body').answer,
    routes: [
      {
        method: 'GET',
        path: '/',
        handle: ({ origin }) => ({ status: 200, body: { versions: versions(nova, origin) } }),
      },
      { method: 'GET', path: '/v2.1', handle: (call) => showVersion(nova, call) },
      ...serverRoutes(nova),
      ...flavorRoutes(nova),
      ...keypairRoutes(nova),
      ...quotaRoutes(nova),
      novaRoute(nova, 'GET', '/os-availability-zone', listZones),
      novaRoute(nova, 'GET', '/os-availability-zone/detail', () => {
        throw novaError(403, "Policy doesn't allow os_compute_api:os-availability-zone:detail to be performed.");
      }),
    ],
  };
}

/** Says so to everybody, logged in or not. */
function showVersion(nova: NovaOptions, call: Call): Answer {
  const headers = versionHeaders(`2.${readVersion(call, nova.maxMicroversion)}`);
  return { status: 200, headers, body: { version: versionDetail(nova, call.origin) } };
}

function versions(nova: NovaOptions, origin: string): object[] {
  const v20 = { id: 'v2.0', status: 'SUPPORTED', version: '', min_version: '', updated: '2011-01-21T11:33:21Z' };
  const { 'media-types': _types, ...v21 } = versionDetail(nova, origin);
  return [
    { ...v20, links: [{ rel: 'self', href: `${origin}${nova.prefix}/compute/v2/` }] },
    { ...v21, links: v21.links.slice(0, 1) },
  ];
}

function versionDetail({ prefix, maxMicroversion }: NovaOptions, origin: string) {
  return {
    id: 'v2.1',
    status: 'CURRENT',
    version: `2.${maxMicroversion}`,
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
    links: [
      { rel: 'self', href: `${origin}${prefix}/compute/v2.1/` },
      { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }],
  };
}

function listZones({ nova }: NovaCall): Answer {
  const zones = nova.world.zones.map((zoneName) => ({ zoneName, zoneState: { available: true }, hosts: null }));
  return { status: 200, body: { availabilityZoneInfo: zones } };
}

function serverRoutes(nova: NovaOptions) {
  return [
    novaRoute(nova, 'POST', '/servers', createServer),
    novaRoute(nova, 'GET', '/servers', (call) => listServers(call, false)),
    novaRoute(nova, 'GET', '/servers/detail', (call) => listServers(call, true)),
    novaRoute(nova, 'GET', '/servers/:id', (call) => ({
      status: 200,
      body: { server: serverView(pathServer(call), { ...call, world: nova.world }) },
    })),
    novaRoute(nova, 'PUT', '/servers/:id', renameServer),
    novaRoute(nova, 'DELETE', '/servers/:id', deleteServer),
    novaRoute(nova, 'POST', '/servers/:id/action', actOnServer),
    novaRoute(nova, 'GET', '/servers/:id/metadata', (call) => metadataOf(pathServer(call))),
    novaRoute(nova, 'POST', '/servers/:id/metadata', (call) => setMetadata(call, pathServer(call).metadata)),
    novaRoute(nova, 'PUT', '/servers/:id/metadata', (call) => setMetadata(call, {})),
    novaRoute(nova, 'DELETE', '/servers/:id/metadata/:key', deleteMetadata),
    novaRoute(nova, 'GET', '/servers/:id/tags', (call) => ({
      status: 200,
      body: { tags: pathServer(call).tags.toSorted() },
    })),
    novaRoute(nova, 'PUT', '/servers/:id/tags/:tag', addTag),
    novaRoute(nova, 'GET', '/servers/:id/os-interface', listInterfaces),
    novaRoute(nova, 'GET', '/servers/:id/os-volume_attachments', listAttachments),
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
    novaRoute(nova, 'GET', '/flavors/:id/os-extra_specs', () => ({ status: 200, body: { extra_specs: {} } })),
    novaRoute(nova, 'GET', '/flavors/:id', (call) => {
      const flavor = flavors.find(({ id }) => id === call.params['id']);
      if (!flavor) throw novaError(404, `Flavor ${call.params['id']} could not be found.`);
      return { status: 200, body: { flavor: flavorView(flavor, call) } };
    }),
  ];
}

function renameServer(call: NovaCall): Answer {
  const server = pathServer(call);
  server.name = asText(bodyObject(call, 'server')['name'] ?? server.name);
  return { status: 200, body: { server: serverView(server, { ...call, world: call.nova.world }) } };
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

function deleteMetadata(call: NovaCall): Answer {
  const server = pathServer(call);
  const key = call.params['key'] ?? '';
  if (!Object.hasOwn(server.metadata, key)) throw novaError(404, 'Metadata item was not found');
  const { [key]: _deleted, ...kept } = server.metadata;
  server.metadata = kept;
  return { status: 204 };
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

function listAttachments(call: NovaCall): Answer {
  const server = pathServer(call);
  const volumeAttachments = server.volumes.map(({ volume, deleteOnTermination }) => ({
    ...(call.version < 89 ? { id: volume.id } : {}),
    volumeId: volume.id,
    serverId: server.id,
    device: '/dev/vda',
    ...(call.version >= 70 ? { tag: null } : {}),
    ...(call.version >= 79 ? { delete_on_termination: deleteOnTermination } : {}),
  }));
  return { status: 200, body: { volumeAttachments } };
}
