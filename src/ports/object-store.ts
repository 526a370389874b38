import type { Readable } from 'node:stream';

/**
 * Where logs are kept besides the local tree: a container of Swift or a bucket of an S3 server. Paths are those of the log archive. What
 * fails throws `object-store-unreachable`, `object-store-refused`, or what the cloud's login says.
 */
export interface ObjectStore {
  /** For people, without secrets: `container logs of ci-cloud`. */
  readonly place: string;
  /** Sends a file. The store refuses what does not arrive with the checksum it was sent with. A second time replaces. Answers the store's tag. */
  put(object: NewObject): Promise<string>;
  /** undefined: there is none. */
  find(path: string): Promise<StoredObject | undefined>;
  /** Bytes `start` to `end`, both included; undefined: there is no such object. Who does not read to the end destroys it. */
  open(path: string, range: { readonly start: number; readonly end: number }): Promise<Readable | undefined>;
  /** Objects whose path begins with `prefix`, by their names, from behind `after` on; some at a time, none: that was all. */
  list(prefix: string, after: string): Promise<readonly StoredObject[]>;
  /** Nothing there is no error. */
  remove(path: string): Promise<void>;
}

export interface NewObject {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Of the content, in hex. */
  readonly md5: string;
  /** Begins at the first byte each time: what failed is sent again. */
  readonly open: () => Readable;
  readonly type: string;
  /** The content is gzip of that type. */
  readonly gzip: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface StoredObject {
  readonly path: string;
  readonly size: number;
  /** MD5 of the content in hex with all stores that do not encrypt. */
  readonly etag: string;
  readonly modified: Date;
}

/** One service of a cloud for who sends requests of his own: its address and a token that holds, within the cloud's rate. */
export interface CloudService {
  /** Sends once more, with a new token, what is answered 401. */
  attempt<Answer extends { readonly status: number }>(
    send: (target: { readonly url: string; readonly token: string }) => Promise<Answer>,
  ): Promise<Answer>;
}

const pageLimit = 1000;

/** All objects below a prefix, page by page. */
export async function* allObjects(
  objects: Pick<ObjectStore, 'list'>,
  prefix: string,
): AsyncGenerator<StoredObject, void> {
  let after = '';
  for (let page = 0; page < pageLimit; page += 1) {
    const found = await objects.list(prefix, after);
    const last = found.at(-1);
    if (last === undefined || last.path <= after) return;
    yield* found;
    after = last.path;
  }
}
