/** How an object store serves a log to who asks the store itself. */
export interface StoredType {
  readonly type: string;
  /** The file is gzip of that type. */
  readonly gzip: boolean;
}

const text = 'text/plain; charset=utf-8';
const binary = 'application/octet-stream';

const pictures: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};
const packed = new Set(['subunit', 'tar', 'tgz', 'zip', 'xz', 'bz2', 'zst', 'qcow2', 'pdf']);

/**
 * Pages of test servers are text: a store sends no policy that keeps their scripts from running, as sidegate does. `head`: the first bytes.
 */
export function storedType(name: string, head: Uint8Array): StoredType {
  const inner = name.replace(/\.gz$/i, '');
  const type = typeOf(inner);
  if (inner === name) return { type: type === text && head.includes(0) ? binary : type, gzip: false };
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  return type === text && isGzip ? { type, gzip: true } : { type: binary, gzip: false };
}

function typeOf(name: string): string {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return packed.has(ending) ? binary : (pictures[ending] ?? text);
}
