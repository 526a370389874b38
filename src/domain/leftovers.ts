/** Something in a cloud with our mark. */
interface Marked {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  /** Id of the row it was made for. */
  readonly of: string | undefined;
}

export interface Known {
  /** Rows of `servers` that the marks name, deleted ones too. */
  readonly servers: readonly { readonly id: string; readonly state: string; readonly novaId: string | undefined }[];
  /** Rows of `images` whose image may still be there. */
  readonly images: readonly { readonly id: string; readonly imageId: string | undefined }[];
  /** The keypair in use; undefined: who looks cannot know, so none belongs to nothing. */
  readonly keypair: string | undefined;
}

/** What belongs to nothing we know: no row, a row that is over, or a row that has another server. */
export function findLeftovers<Resource extends Marked>(marked: readonly Resource[], known: Known): readonly Resource[] {
  const servers = new Map(known.servers.map((server) => [server.id, server]));
  const images = new Map(known.images.map((image) => [image.id, image]));
  return marked.filter((resource) => {
    if (resource.kind === 'keypair') return known.keypair !== undefined && resource.name !== known.keypair;
    if (resource.kind === 'image') return !hasRow(images.get(resource.of ?? '')?.imageId, resource, images);
    const row = servers.get(resource.of ?? '');
    if (!row || row.state === 'deleted') return true;
    return resource.kind === 'server' && row.novaId !== undefined && row.novaId !== resource.id;
  });
}

function hasRow(imageId: string | undefined, { of, id }: Marked, images: ReadonlyMap<string, unknown>): boolean {
  return images.has(of ?? '') && (imageId === undefined || imageId === id);
}
