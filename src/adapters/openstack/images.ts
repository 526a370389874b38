import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import { globMatches } from '../../domain/glob.ts';
import type { CloudImage } from '../../ports/cloud.ts';
import type { Client } from './client.ts';

export const imageSchema = z.looseObject({
  id: z.string().min(1).max(100),
  name: z.string().nullable(),
  status: z.string(),
});

export type GlanceImage = z.infer<typeof imageSchema>;

const pageSchema = z.object({ images: z.array(imageSchema), next: z.string().optional() });
const pageSize = 100;
/** A pattern is looked for among the 2,000 newest images. */
const pageLimit = 20;

/** The newest active image of that name, or that matches the pattern. */
export async function findImage(client: Client, name: string): Promise<string> {
  const image = name.includes('*') ? await findByPattern(client, name) : await findByName(client, name);
  if (image) return image.id;
  throw new SidegateError('cloud-refused', `there is no active image ${name.includes('*') ? 'like' : 'named'} ${name}`);
}

const newestActive = { status: 'active', sort: 'created_at:desc' };

async function findByName(client: Client, name: string): Promise<GlanceImage | undefined> {
  const { images } = await listImages(client, { ...newestActive, name: nameFilter(name), limit: '1' });
  return images[0];
}

/** Glance knows no patterns. Images of our own making are no base of others. */
async function findByPattern(client: Client, pattern: string): Promise<GlanceImage | undefined> {
  let marker: string | undefined;
  for (let page = 0; page < pageLimit; page += 1) {
    const part = { limit: String(pageSize), ...(marker === undefined ? {} : { marker }) };
    const { images, next } = await listImages(client, { ...newestActive, ...part });
    const found = images.find(
      (image) => image['sidegate_image'] === undefined && globMatches(pattern, image.name ?? ''),
    );
    marker = images.at(-1)?.id;
    if (found || next === undefined || marker === undefined) return found;
  }
  return undefined;
}

/** All images of that name that may still become, or are, usable. */
export async function findImagesNamed(client: Client, name: string): Promise<readonly GlanceImage[]> {
  const { images } = await listImages(client, { name: nameFilter(name), sort: 'created_at:asc' });
  return images.filter(({ status }) => !['killed', 'deleted', 'pending_delete'].includes(status));
}

async function listImages(client: Client, query: Readonly<Record<string, string>>) {
  const path = `/images?${new URLSearchParams(query).toString()}`;
  return (await client.call({ service: 'image', method: 'GET', path })).read(pageSchema);
}

/** Glance takes `in:` and the like at the beginning of a filter for an operator; quoted within `in:` a name is only a name. */
function nameFilter(name: string): string {
  return /^\w+:/u.test(name) ? `in:"${name.replaceAll('"', '\\"')}"` : name;
}

export async function showImage(client: Client, id: string): Promise<CloudImage | undefined> {
  const answer = await client.call({ service: 'image', method: 'GET', path: imagePath(id), accept: [404] });
  if (answer.status === 404) return undefined;
  const { name, status } = answer.read(imageSchema);
  return { id, name: name ?? '', status };
}

export async function deleteImage(client: Client, id: string): Promise<void> {
  await client.call({ service: 'image', method: 'DELETE', path: imagePath(id), accept: [404] });
}

function imagePath(id: string): string {
  return `/images/${encodeURIComponent(id)}`;
}
