import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { SwiftAccess } from '../../domain/object-store-access.ts';
import type { CloudService, ObjectStore } from '../../ports/object-store.ts';
import { createObjectStore } from './create-object-store.ts';
import { encoded, encodedPath } from './dialect.ts';
import { createExchange } from './exchange.ts';

const pageSize = 1000;
/** Swift's words come as a page. */
const markup = /<(?:title>[^<]*<\/title|[^>]*)>/g;

const listSchema = z.array(
  z.object({ name: z.string(), bytes: z.number(), hash: z.string(), last_modified: z.string() }),
);

/** A container of Swift. `storage` is the object storage of the same cloud. https://docs.openstack.org/api-ref/object-store/ */
export function createSwiftStore(access: SwiftAccess, storage: CloudService): ObjectStore {
  const { cloud, container, deleteAfter, prefix } = access;
  const exchange = createExchange({ verify: cloud.verify, ca: cloud.caCertificate });
  const dialect = {
    place: `container ${container} of ${cloud.name}`,
    send: ({ headers, name, query, ...rest }) =>
      storage.attempt(({ token, url }) =>
        exchange({
          ...rest,
          url: `${url}/${encoded(container)}${name === '' ? '' : `/${encodedPath(name)}`}${query}`,
          headers: { ...headers, 'X-Auth-Token': token },
        }),
      ),
    putHeaders: ({ md5 }) => ({
      ETag: md5,
      ...(deleteAfter === undefined ? {} : { 'X-Delete-After': String(Math.ceil(deleteAfter / 1000)) }),
    }),
    listQuery: (below, after) => `?format=json&limit=${pageSize}&prefix=${encoded(below)}&marker=${encoded(after)}`,
    readList: (text) => readList(text, cloud.name),
    problemOf: (text) => text.replaceAll(markup, ' '),
  } satisfies Parameters<typeof createObjectStore>[0];
  return createObjectStore(dialect, prefix);
}

function readList(text: string, cloud: string) {
  // An empty container answers 204 without a body.
  const parsed = listSchema.safeParse(text.trim() === '' ? [] : parseJson(text));
  if (!parsed.success) throw new SidegateError('object-store-unreachable', `${cloud}: the list is none of Swift's`);
  // Times are UTC, and do not say so.
  return parsed.data.map(({ bytes, hash, last_modified: modified, name }) => ({
    path: name,
    size: bytes,
    etag: hash,
    modified: new Date(`${modified.replace(/Z$/, '')}Z`),
  }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
