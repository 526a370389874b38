import type { NewObject, StoredObject } from '../../ports/object-store.ts';
import type { ObjectAnswer, ObjectRequest } from './exchange.ts';

/** A request to the container or to an object in it, before anybody has signed it. */
export interface DialectRequest extends Omit<ObjectRequest, 'url'> {
  /** Of the object; empty: the container itself. */
  readonly name: string;
  /** With its `?`, or empty. */
  readonly query: string;
}

/** What Swift and S3 say differently. */
export interface Dialect {
  readonly place: string;
  /** Sends once, authorized. */
  send(request: DialectRequest): Promise<ObjectAnswer>;
  putHeaders(object: NewObject): Readonly<Record<string, string>>;
  listQuery(prefix: string, after: string): string;
  readList(text: string): readonly StoredObject[];
  /** What is wrong, in the store's words. */
  problemOf(text: string): string;
}

/** Each part percent-encoded but for RFC 3986's unreserved letters: what S3 signs, and Swift takes as well. */
export function encodedPath(name: string): string {
  return name.split('/').map(encoded).join('/');
}

export function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
