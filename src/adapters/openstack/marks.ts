import type { ImageMark, ServerMark } from '../../ports/cloud.ts';

type Properties = Readonly<Record<string, unknown>>;

/** Metadata of servers and volumes. */
export function markMetadata(mark: ServerMark): Record<string, string> {
  return { sidegate_owner: mark.owner, sidegate_server: mark.server };
}

/** Tag of a server beside its metadata, which Nova cannot be asked for. At most 60 characters, none of them a comma or slash. */
export function markTag(mark: ServerMark): string {
  return `sidegate_server=${mark.server}`;
}

export function markOfMetadata(metadata: Properties): ServerMark | undefined {
  const { sidegate_owner: owner, sidegate_server: server } = metadata;
  return typeof owner === 'string' && typeof server === 'string' ? { owner, server } : undefined;
}

/** Description of ports and floating addresses, which have no metadata. It is set at creation: unlike a tag it is never missing. */
export function markDescription(mark: ServerMark): string {
  return `sidegate_owner=${mark.owner} sidegate_server=${mark.server}`;
}

export function markOfDescription(description: string): ServerMark | undefined {
  const [, owner, server] = /^sidegate_owner=(\S+) sidegate_server=(\S+)$/u.exec(description) ?? [];
  return owner === undefined || server === undefined ? undefined : { owner, server };
}

export function isSame(mark: ServerMark | undefined, other: ServerMark): boolean {
  return mark?.owner === other.owner && mark.server === other.server;
}

/**
 * Properties of an image. Nova hands a server's image properties on to snapshots that somebody else makes of it: only under its own name
 * is an image ours.
 */
export function markProperties(mark: ImageMark, name: string): Record<string, string> {
  return { sidegate_owner: mark.owner, sidegate_image: mark.image, sidegate_name: name };
}

export function markOfImage(image: Properties): ImageMark | undefined {
  const { sidegate_owner: owner, sidegate_image: row, sidegate_name: name } = image;
  return typeof owner === 'string' && typeof row === 'string' && name === image['name']
    ? { owner, image: row }
    : undefined;
}

/** What the names of an installation's keypairs begin with: keypairs have nothing but their name. */
export function keypairPrefix(owner: string): string {
  return `sidegate-${owner}-`;
}
