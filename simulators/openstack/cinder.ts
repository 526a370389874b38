import { cinderError, unauthorized } from './errors.ts';
import type { Answer, Call, Route, Service } from './http.ts';
import { askedVolume, textsOf } from './cinder-create.ts';
import { changeQuota, showLimits, showQuota } from './cinder-limits.ts';
import type { CinderCall, CinderOptions } from './cinder-context.ts';
import { bodyOf } from './cinder-context.ts';
import { requireToken } from './tokens.ts';
import { volumeType } from './volumes.ts';
import type { Volume } from './world.ts';

type Handler = (call: CinderCall) => Answer;

/** Volumes, as Cinder's documentation says; nothing of it was recorded. */
export function cinderService(cinder: CinderOptions): Service {
  const routes = [
    ...route(cinder, 'GET', '/volumes', (call) => listVolumes(call, false)),
    ...route(cinder, 'GET', '/volumes/detail', (call) => listVolumes(call, true)),
    ...route(cinder, 'POST', '/volumes', createVolume),
    ...route(cinder, 'GET', '/volumes/:id', (call) => showVolume(call, 200, pathVolume(call))),
    ...route(cinder, 'PUT', '/volumes/:id', updateVolume),
    ...route(cinder, 'DELETE', '/volumes/:id', deleteVolume),
    ...route(cinder, 'GET', '/limits', showLimits),
    ...route(cinder, 'GET', '/os-quota-sets/:target', showQuota),
    ...route(cinder, 'PUT', '/os-quota-sets/:target', changeQuota),
    ...route(cinder, 'GET', '/os-availability-zone', listZones),
    ...route(cinder, 'GET', '/types', () => ({ status: 200, body: { volume_types: [typeView] } })),
    ...route(cinder, 'GET', '/types/:id', showType),
  ];
  const showVersions = (status: number) => (call: Call) => ({
    status,
    body: { versions: [versionView(`${call.origin}${cinder.prefix}/volume/v3/`)] },
  });
  return {
    name: 'block-storage',
    region: cinder.name,
    prefix: `${cinder.prefix}/volume`,
    notFound: () => cinderError(404, 'The resource could not be found.').answer,
    badJson: () => cinderError(400, 'Malformed request body').answer,
    routes: [
      { method: 'GET', path: '/', handle: showVersions(300) },
      { method: 'GET', path: '/v3', handle: showVersions(200) },
      ...routes,
    ],
  };
}

/** The project in the path is optional since 3.67; what is not there is no project. */
function route(cinder: CinderOptions, method: string, path: string, handler: Handler): readonly Route[] {
  const handle = (call: Call) => {
    const token = requireToken(cinder.tokens, call, unauthorized(cinder.authUrl));
    const project = call.params['project'];
    if (project !== undefined && project !== token.project.id) {
      throw cinderError(400, 'Malformed request url');
    }
    const answer = handler({ ...call, token, cinder });
    return { ...answer, headers: { 'Openstack-Api-Version': 'volume 3.70', ...answer.headers } };
  };
  return [
    { method, path: `/v3${path}`, handle },
    { method, path: `/v3/:project${path}`, handle },
  ];
}

function versionView(href: string): object {
  return {
    id: 'v3.0',
    status: 'CURRENT',
    version: '3.70',
    min_version: '3.0',
    updated: '2022-08-31T00:00:00Z',
    links: [
      { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
      { rel: 'self', href },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
  };
}

function ownVolumes({ cinder, token }: CinderCall): readonly Volume[] {
  return [...cinder.world.volumes.values()].filter(({ projectId }) => projectId === token.project.id);
}

/** Newest first. */
function listVolumes(call: CinderCall, detail: boolean): Answer {
  const { query } = call;
  const matching = ownVolumes(call)
    .filter((volume) => matches(volume, query))
    .toReversed();
  const marker = query.get('marker');
  const start = marker === null ? 0 : matching.findIndex(({ id }) => id === marker) + 1;
  const limit = Math.min(Number(query.get('limit') ?? 1000), 1000);
  const page = matching.slice(start, start + limit);
  const volumes = page.map((volume) => {
    const view = volumeView(call, volume);
    return detail ? view : { id: view['id'], name: view['name'], links: view['links'] };
  });
  const full = page.length === limit && page.length > 0;
  return { status: 200, body: { volumes, ...(full ? { volumes_links: nextLink(call, page.at(-1)!.id) } : {}) } };
}

function matches(volume: Volume, query: URLSearchParams): boolean {
  const name = query.get('name');
  const status = query.get('status');
  const metadata = query.get('metadata');
  if (name !== null && name !== volume.name) return false;
  if (status !== null && status !== volume.status) return false;
  if (metadata === null) return true;
  // As in Cinder: a Python dictionary.
  const pairs = [...metadata.matchAll(/['"]([^'"]+)['"]\s*:\s*['"]([^'"]*)['"]/gu)];
  return pairs.every(([, key, value]) => volume.metadata[key ?? ''] === value);
}

function nextLink(call: CinderCall, marker: string): object[] {
  const query = new URLSearchParams(call.query);
  query.set('marker', marker);
  return [{ rel: 'next', href: `${call.origin}${call.cinder.prefix}/volume${call.path}?${query.toString()}` }];
}

function showVolume(call: CinderCall, status: number, volume: Volume): Answer {
  return { status, body: { volume: volumeView(call, volume) } };
}

function pathVolume(call: CinderCall): Volume {
  const id = call.params['id'];
  const volume = ownVolumes(call).find((entry) => entry.id === id);
  if (!volume) throw cinderError(404, `Volume ${id} could not be found.`);
  return volume;
}

function createVolume(call: CinderCall): Answer {
  const { volume } = call.cinder.volumes.create(askedVolume(call));
  return showVolume(call, 202, volume);
}

function updateVolume(call: CinderCall): Answer {
  const volume = pathVolume(call);
  const asked = bodyOf(call, 'volume');
  if (typeof asked['name'] === 'string') volume.name = asked['name'];
  if (typeof asked['description'] === 'string') volume.description = asked['description'];
  if (asked['metadata'] !== undefined) volume.metadata = textsOf(asked['metadata']);
  return showVolume(call, 200, volume);
}

function deleteVolume(call: CinderCall): Answer {
  const volume = pathVolume(call);
  if (volume.status === 'deleting') return { status: 202 };
  if (volume.status !== 'available' && volume.status !== 'error') {
    throw cinderError(
      400,
      'Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.',
    );
  }
  call.cinder.volumes.remove(volume);
  return { status: 202 };
}

function volumeView(call: CinderCall, volume: Volume): Record<string, unknown> {
  const { image } = volume;
  return {
    id: volume.id,
    status: volume.status,
    size: volume.size,
    availability_zone: volume.zone,
    created_at: volume.createdAt.replace('Z', '.000000'),
    updated_at: volume.updatedAt.replace('Z', '.000000'),
    attachments: attachmentsOf(volume),
    name: volume.name,
    description: volume.description,
    volume_type: volume.type,
    snapshot_id: null,
    source_volid: null,
    metadata: volume.metadata,
    links: [
      { rel: 'self', href: `${call.origin}${call.cinder.prefix}/volume/v3/${volume.projectId}/volumes/${volume.id}` },
    ],
    user_id: volume.userId,
    bootable: image ? 'true' : 'false',
    encrypted: false,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: false,
    'os-vol-tenant-attr:tenant_id': volume.projectId,
    ...(image ? { volume_image_metadata: { image_id: image.id, image_name: image.name } } : {}),
  };
}

function attachmentsOf({ id, serverId, status, updatedAt }: Volume): object[] {
  if (serverId === undefined || status !== 'in-use') return [];
  const times = { attached_at: updatedAt.replace('Z', '.000000') };
  return [{ id, attachment_id: id, volume_id: id, server_id: serverId, host_name: null, device: '/dev/vda', ...times }];
}

function listZones({ cinder }: CinderCall): Answer {
  const zones = cinder.world.zones.map((zoneName) => ({ zoneName, zoneState: { available: true } }));
  return { status: 200, body: { availabilityZoneInfo: zones } };
}

const typeView = {
  id: '6685584b-1eac-4da6-b5c3-555430cf68ff',
  name: volumeType,
  is_public: true,
  description: null,
  extra_specs: {},
  'os-volume-type-access:is_public': true,
};

function showType({ params }: CinderCall): Answer {
  if (params['id'] === typeView.id || params['id'] === 'default')
    return { status: 200, body: { volume_type: typeView } };
  throw cinderError(404, `Volume type ${params['id']} could not be found.`);
}
