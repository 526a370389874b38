import { randomUUID } from 'node:crypto';
import { glanceError, unauthorizedPage } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Call, Route, Service } from './http.ts';
import { describeContent } from './seed.ts';
import { requireToken } from './tokens.ts';
import type { Token, TokenStore } from './tokens.ts';
import type { Image, World } from './world.ts';
import { timestamp } from './world.ts';

interface GlanceOptions {
  readonly world: World;
  readonly tokens: TokenStore;
  readonly authUrl: string;
}

type Handler = (call: Call, token: Token, world: World) => Answer;

const known = new Set([
  'name',
  'disk_format',
  'container_format',
  'visibility',
  'min_disk',
  'min_ram',
  'tags',
  'protected',
  'id',
]);
const minorVersions = ['15', '13', '12', '11', '10', '9', '8', '7', '6', '5', '4', '3', '2', '1', '0'];
const pageLimit = 1000;

/** Images and their states; of uploaded content only size and checksums are kept. */
export function glanceService({ world, tokens, authUrl }: GlanceOptions): Service {
  const route = (method: string, path: string, handler: Handler): Route => ({
    method,
    path,
    handle: (call) => handler(call, requireToken(tokens, call, unauthorizedPage(authUrl)), world),
  });
  return {
    name: 'image',
    prefix: '/image',
    notFound: () => glanceError(404, 'The resource could not be found.').answer,
    badJson: () => glanceError(400, 'Malformed JSON in request body.').answer,
    routes: [
      { method: 'GET', path: '/', handle: ({ origin }) => ({ status: 300, body: { versions: versions(origin) } }) },
      route('GET', '/v2/images', listImages),
      route('POST', '/v2/images', createImage),
      route('GET', '/v2/images/:id', (call, token) => ({
        status: 200,
        body: imageView(pathImage(call, token, world)),
      })),
      route('PUT', '/v2/images/:id/file', uploadImage),
      route('DELETE', '/v2/images/:id', deleteImage),
    ],
  };
}

function versions(origin: string): object[] {
  return minorVersions.map((minor, index) => ({
    id: `v2.${minor}`,
    status: index === 0 ? 'CURRENT' : 'SUPPORTED',
    links: [{ rel: 'self', href: `${origin}/image/v2/` }],
  }));
}

function canSee(image: Image, token: Token): boolean {
  return image.visibility === 'public' || image.owner === token.project.id;
}

function listImages(call: Call, token: Token, world: World): Answer {
  const { query } = call;
  const limit = Math.min(Number(query.get('limit') ?? 25), pageLimit);
  const matching = [...world.images.values()]
    .filter((image) => canSee(image, token) && matches(image, query))
    .toSorted((a, b) => compareImages(a, b, query));
  const marker = query.get('marker');
  const start = marker === null ? 0 : matching.findIndex(({ id }) => id === marker) + 1;
  if (marker !== null && start === 0) throw glanceError(400, `Invalid marker. Image ${marker} could not be found.`);
  const page = matching.slice(start, start + limit);
  const next = new URLSearchParams(query);
  next.set('marker', page.at(-1)?.id ?? '');
  const more = page.length > 0 && page.length === limit ? { next: `/v2/images?${next.toString()}` } : {};
  return {
    status: 200,
    body: { images: page.map(imageView), ...more, first: '/v2/images', schema: '/v2/schemas/images' },
  };
}

function matches(image: Image, query: URLSearchParams): boolean {
  const view = imageView(image);
  const paging = new Set(['limit', 'marker', 'sort', 'sort_key', 'sort_dir']);
  return [...query].every(([key, value]) => paging.has(key) || asText(view[key]) === value);
}

/** Glance sorts newest first unless told otherwise; only one key is understood here. */
function compareImages(a: Image, b: Image, query: URLSearchParams): number {
  const [sortKey, sortDirection] = (query.get('sort') ?? '').split(':');
  const key = (sortKey || query.get('sort_key')) ?? 'created_at';
  const ascending = ((sortKey ? sortDirection : query.get('sort_dir')) ?? 'desc') === 'asc';
  const order = asText(imageView(a)[key]).localeCompare(asText(imageView(b)[key])) || a.id.localeCompare(b.id);
  return ascending ? order : -order;
}

function createImage(call: Call, token: Token, world: World): Answer {
  const asked = (call.json ?? {}) as Record<string, unknown>;
  if (asked['visibility'] === 'public')
    throw glanceError(403, 'You are not authorized to complete publicize_image action.');
  const properties = Object.entries(asked).filter(([key]) => !known.has(key));
  const image: Image = {
    id: randomUUID(),
    name: asText(asked['name'] ?? ''),
    status: 'queued',
    visibility: 'private',
    owner: token.project.id,
    createdAt: timestamp(),
    properties: Object.fromEntries(properties.map(([key, value]) => [key, asText(value)])),
    content: undefined,
  };
  world.images.set(image.id, image);
  const headers = {
    Location: `${call.origin}/image/v2/images/${image.id}`,
    'Openstack-Image-Import-Methods': 'glance-direct',
    'Openstack-Image-Store-Ids': 'file',
  };
  return { status: 201, headers, body: imageView(image) };
}

function uploadImage(call: Call, token: Token, world: World): Answer {
  const image = pathImage(call, token, world);
  const type = call.headers['content-type'] ?? '';
  if (type !== 'application/octet-stream') {
    throw glanceError(415, `The request media type ${type} is not supported by this server.\n`, '\n\n');
  }
  if (image.status !== 'queued')
    throw glanceError(409, `Image status transition from ${image.status} to saving is not allowed`);
  image.status = 'active';
  image.content = describeContent(call.raw);
  return { status: 204 };
}

function deleteImage(call: Call, token: Token, world: World): Answer {
  const image = pathImage(call, token, world);
  if (image.owner !== token.project.id)
    throw glanceError(403, 'You are not authorized to complete delete_image action.');
  world.images.delete(image.id);
  return { status: 204 };
}

function pathImage(call: Call, token: Token, world: World): Image {
  const image = world.images.get(call.params['id'] ?? '');
  if (!image || !canSee(image, token)) throw glanceError(404, `No image found with ID ${call.params['id']}`);
  return image;
}

function imageView(image: Image): Record<string, unknown> {
  const { content } = image;
  return {
    ...image.properties,
    name: image.name,
    disk_format: 'raw',
    container_format: 'bare',
    visibility: image.visibility,
    size: content?.size ?? null,
    virtual_size: content?.size ?? null,
    status: image.status,
    checksum: content?.checksum ?? null,
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: image.owner,
    os_hidden: false,
    os_hash_algo: content ? 'sha512' : null,
    os_hash_value: content?.hash ?? null,
    id: image.id,
    created_at: image.createdAt,
    updated_at: image.createdAt,
    tags: [],
    self: `/v2/images/${image.id}`,
    file: `/v2/images/${image.id}/file`,
    schema: '/v2/schemas/image',
    ...(content ? { stores: 'file' } : {}),
  };
}
