import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { glanceError, unauthorizedPage } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Call, Route, Service } from './http.ts';
import { describeContent } from './seed.ts';
import { compareImages, matchesImage } from './glance-list.ts';
import type { Region } from './region.ts';
import { removeFiles } from './snapshots.ts';
import { requireToken } from './tokens.ts';
import type { Token, TokenStore } from './tokens.ts';
import type { Image, World } from './world.ts';
import { timestamp } from './world.ts';

interface GlanceOptions extends Region {
  readonly tokens: TokenStore;
  readonly authUrl: string;
}

type Handler = (call: Call, token: Token, world: World) => Answer | Promise<Answer>;

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
/** Content is read and thrown away. */
const uploadLimit = 64 * 1024 * 1024;

/** Images and their states; of uploaded content only size and checksums are kept. */
export function glanceService({ world, tokens, authUrl, name, prefix }: GlanceOptions): Service {
  const route = (method: string, path: string, handler: Handler): Route => ({
    method,
    path,
    handle: (call) => handler(call, requireToken(tokens, call, unauthorizedPage(authUrl)), world),
  });
  return {
    name: 'image',
    region: name,
    prefix: `${prefix}/image`,
    bodyLimit: uploadLimit,
    notFound: () => glanceError(404, 'The resource could not be found.').answer,
    badJson: () => glanceError(400, 'Malformed JSON in request body.').answer,
    routes: [
      {
        method: 'GET',
        path: '/',
        handle: ({ origin }) => ({ status: 300, body: { versions: versions(`${origin}${prefix}`) } }),
      },
      route('GET', '/v2/images', listImages),
      route('POST', '/v2/images', (call, token) => createImage(call, token, { world, prefix })),
      route('GET', '/v2/images/:id', (call, token) => ({
        status: 200,
        body: imageView(pathImage(call, token, world)),
      })),
      route('PATCH', '/v2/images/:id', (call, token) => changeImage(call, pathImage(call, token, world))),
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
    .filter((image) => canSee(image, token))
    .map(imageView)
    .filter((view) => matchesImage(view, query))
    .toSorted((a, b) => compareImages(a, b, query));
  const marker = query.get('marker');
  const start = marker === null ? 0 : matching.findIndex(({ id }) => id === marker) + 1;
  if (marker !== null && start === 0) throw glanceError(400, `Invalid marker. Image ${marker} could not be found.`);
  const page = matching.slice(start, start + limit);
  const next = new URLSearchParams(query);
  next.set('marker', asText(page.at(-1)?.['id'] ?? ''));
  const more = page.length > 0 && page.length === limit ? { next: `/v2/images?${next.toString()}` } : {};
  return {
    status: 200,
    body: { images: page, ...more, first: '/v2/images', schema: '/v2/schemas/images' },
  };
}

function createImage(call: Call, token: Token, { world, prefix }: Pick<GlanceOptions, 'world' | 'prefix'>): Answer {
  const asked = (call.json ?? {}) as Record<string, unknown>;
  if (asked['visibility'] === 'public')
    throw glanceError(403, 'You are not authorized to complete publicize_image action.');
  const properties = Object.entries(asked).filter(([key]) => !known.has(key));
  const createdAt = timestamp();
  const image: Image = {
    id: randomUUID(),
    name: asText(asked['name'] ?? ''),
    status: 'queued',
    visibility: 'private',
    owner: token.project.id,
    createdAt,
    updatedAt: createdAt,
    protected: asked['protected'] === true,
    files: undefined,
    properties: Object.fromEntries(properties.map(([key, value]) => [key, asText(value)])),
    content: undefined,
  };
  world.images.set(image.id, image);
  const headers = {
    Location: `${call.origin}${prefix}/image/v2/images/${image.id}`,
    'Openstack-Image-Import-Methods': 'glance-direct',
    'Openstack-Image-Store-Ids': 'file',
  };
  return { status: 201, headers, body: imageView(image) };
}

const changes = z.array(z.object({ op: z.enum(['add', 'replace', 'remove']), path: z.string(), value: z.unknown() }));

/** JSON patch of the name, the protection and properties. */
function changeImage(call: Call, image: Image): Answer {
  const parsed = changes.safeParse(call.json);
  if (!parsed.success) throw glanceError(400, 'Request body must be a JSON array of operation objects.');
  for (const { op, path, value } of parsed.data) {
    const key = path.replace(/^\//u, '').replaceAll('~1', '/').replaceAll('~0', '~');
    if (key === 'name') image.name = asText(value);
    else if (key === 'protected') image.protected = value === true;
    else if (known.has(key)) throw glanceError(403, `Attribute '${key}' is read-only.`);
    else image.properties = changedProperties(image.properties, key, op === 'remove' ? undefined : asText(value));
  }
  image.updatedAt = timestamp();
  return { status: 200, body: imageView(image) };
}

function changedProperties(
  properties: Readonly<Record<string, string>>,
  key: string,
  value: string | undefined,
): Record<string, string> {
  const { [key]: _before, ...others } = properties;
  return value === undefined ? others : { ...others, [key]: value };
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

async function deleteImage(call: Call, token: Token, world: World): Promise<Answer> {
  const image = pathImage(call, token, world);
  if (image.owner !== token.project.id)
    throw glanceError(403, 'You are not authorized to complete delete_image action.');
  if (image.protected) throw glanceError(403, `Image ${image.id} is protected and cannot be deleted.`);
  world.images.delete(image.id);
  if (image.files !== undefined) await removeFiles(image.files);
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
    protected: image.protected,
    min_ram: 0,
    min_disk: 0,
    owner: image.owner,
    os_hidden: false,
    os_hash_algo: content ? 'sha512' : null,
    os_hash_value: content?.hash ?? null,
    id: image.id,
    created_at: image.createdAt,
    updated_at: image.updatedAt,
    tags: [],
    self: `/v2/images/${image.id}`,
    file: `/v2/images/${image.id}/file`,
    schema: '/v2/schemas/image',
    ...(content ? { stores: 'file' } : {}),
  };
}
