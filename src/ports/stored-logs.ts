import type { Readable } from 'node:stream';
import type { StoredObject } from './object-store.ts';

/** Logs that are in the object store and no longer in the local tree, for who reads. Other logs are not looked for there. */
export interface StoredLogs {
  find(path: string): Promise<StoredObject | undefined>;
  /** Bytes `start` to `end`, both included; undefined: it is gone. */
  open(path: string, range: { readonly start: number; readonly end: number }): Promise<Readable | undefined>;
  /** What is right below a folder (without a `/` at the end; empty: the root). */
  folder(path: string): Promise<readonly StoredEntry[]>;
  /** All files below a build's folder. */
  files(folder: string): Promise<readonly StoredObject[]>;
}

export interface StoredEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
  /** Undefined: nobody knows. */
  readonly modified: Date | undefined;
}
