/** How a file of the logs is shown. Its content comes from test servers: nothing of it may ever act in a browser. */
export interface LogType {
  readonly type: string;
  /** The file is gzip of that type. */
  readonly gzip: boolean;
}

const text = 'text/plain; charset=utf-8';
const binary = 'application/octet-stream';

const byEnding: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  subunit: binary,
  tar: binary,
  tgz: binary,
  zip: binary,
  xz: binary,
  bz2: binary,
  zst: binary,
  qcow2: binary,
  pdf: binary,
};

const textEndings = new Set([
  'txt',
  'log',
  'json',
  'jsonl',
  'yaml',
  'yml',
  'conf',
  'cfg',
  'ini',
  'xml',
  'svg',
  'csv',
  'md',
  'rst',
  'sh',
  'py',
  'js',
  'css',
  'summary',
  'diff',
  'patch',
]);

/** `head`: first bytes of the file, for names that tell nothing. */
export function logType(name: string, head: Buffer): LogType {
  const inner = name.replace(/\.gz$/i, '');
  if (inner === name) return { type: typeOfName(name) ?? typeOfContent(head), gzip: false };
  const type = typeOfName(inner);
  const readable = type?.startsWith('text/') === true && isGzip(head);
  return readable ? { type, gzip: true } : { type: binary, gzip: false };
}

/** True where a file is text, or nothing says that it is not. */
export function isTextName(name: string): boolean {
  const type = typeOfName(name.replace(/\.gz$/i, ''));
  return type === undefined || type === text;
}

function typeOfName(name: string): string | undefined {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return textEndings.has(ending) ? text : byEnding[ending];
}

function typeOfContent(head: Buffer): string {
  if (head.includes(0)) return binary;
  // The last character may be cut.
  const whole = head.length < 512 ? head : head.subarray(0, head.length - 4);
  return whole.toString('utf8').includes('\ufffd') ? binary : text;
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

export interface ByteRange {
  readonly start: number;
  /** The last byte. */
  readonly end: number;
}

/** One range of `Range`; undefined: the whole file is to be sent; `none`: nothing of the file is asked for. */
export function byteRange(header: string | undefined, size: number): ByteRange | 'none' | undefined {
  const [, from, to] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from !== undefined) return rangeFrom(Number(from), to === '' ? size - 1 : Number(to), size);
  const [, last] = /^bytes=-(\d{1,15})$/.exec(header ?? '') ?? [];
  if (last === undefined) return undefined;
  return Number(last) === 0 || size === 0 ? 'none' : { start: Math.max(0, size - Number(last)), end: size - 1 };
}

function rangeFrom(start: number, end: number, size: number): ByteRange | 'none' | undefined {
  if (start >= size) return 'none';
  return end < start ? undefined : { start, end: Math.min(end, size - 1) };
}
