import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { ApiAnswer, Client } from './client.ts';
import type { ServiceType } from './keystone.ts';

interface Listing<Item extends z.ZodType<{ readonly [key: string]: unknown }>> {
  readonly service: ServiceType;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Name of the list in the answer. */
  readonly key: string;
  readonly item: Item;
  /** What the next page begins after; the item's `id` unless told. */
  readonly marker?: (item: z.output<Item>) => string;
  /** The service may not know such things at all: then there are none. */
  readonly optional?: boolean;
}

const pageSize = 200;
/** 100,000 of a kind: more are no CI project. */
const pageLimit = 500;

const linksSchema = z.array(z.object({ rel: z.string() })).optional();

/** The whole list, page by page, whichever way the service says that there is more. Part of a list looks like resources that are gone: it throws. */
export async function listAll<Item extends z.ZodType<{ readonly [key: string]: unknown }>>(
  client: Client,
  listing: Listing<Item>,
): Promise<z.output<Item>[]> {
  const items: z.output<Item>[] = [];
  let marker: string | undefined;
  for (let page = 0; page < pageLimit; page += 1) {
    const answer = await getPage(client, listing, marker);
    if (!answer) {
      if (marker === undefined) return items;
      // What marks the page was deleted meanwhile: begin again.
      items.length = 0;
      marker = undefined;
      continue;
    }
    const part = readPage(answer, listing);
    items.push(...part.items);
    const last = part.items.at(-1);
    if (!last || !part.more) return items;
    marker = listing.marker ? listing.marker(last) : String(last['id']);
  }
  throw new SidegateError(
    'cloud-refused',
    `${listing.service} ${listing.path}: no end of the list after ${pageLimit} pages`,
  );
}

async function getPage(
  client: Client,
  { service, path, query, optional = false }: Pick<Listing<never>, 'service' | 'path' | 'query' | 'optional'>,
  marker: string | undefined,
): Promise<ApiAnswer | undefined> {
  const page = { limit: String(pageSize), ...(marker === undefined ? {} : { marker }) };
  const answer = await client.call({
    service,
    method: 'GET',
    path: `${path}?${new URLSearchParams({ ...query, ...page }).toString()}`,
    // Nova and Glance say 400 to an unknown marker, Neutron and Cinder 404.
    accept: marker === undefined ? (optional ? [404] : []) : [400, 404],
  });
  return answer.status < 300 ? answer : undefined;
}

function readPage<Item extends z.ZodType<{ readonly [key: string]: unknown }>>(
  answer: ApiAnswer,
  { key, item }: Pick<Listing<Item>, 'key' | 'item'>,
): { items: z.output<Item>[]; more: boolean } {
  const schema = z.object({ [key]: z.array(item), [`${key}_links`]: linksSchema, next: z.string().optional() });
  const page = answer.read(schema) as { readonly [part: string]: unknown };
  const links = page[`${key}_links`] as z.output<typeof linksSchema>;
  return {
    items: page[key] as z.output<Item>[],
    // Glance gives the next address, the others a link.
    more: page['next'] !== undefined || (links?.some(({ rel }) => rel === 'next') ?? false),
  };
}
