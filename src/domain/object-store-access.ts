import type { CloudAccess } from './cloud-access.ts';

interface Kept {
  /** Before every name, with its `/`; empty: nothing. */
  readonly prefix: string;
}

/** How an object store is reached, with its secrets. */
export interface SwiftAccess extends Kept {
  readonly kind: 'swift';
  readonly cloud: CloudAccess;
  readonly container: string;
  /** The store deletes an object itself so long (ms) after it was sent; undefined: it does not. */
  readonly deleteAfter: number | undefined;
}

export interface S3Access extends Kept {
  readonly kind: 's3';
  /** Without a `/` at the end. The bucket is the first part of the path, not of the host. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** PEM: whom to trust; undefined: whom this machine trusts. */
  readonly ca: string | undefined;
}
