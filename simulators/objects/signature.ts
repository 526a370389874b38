import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ObjectCall } from './state.ts';

export interface S3Account {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

export type Refused =
  | 'AccessDenied'
  | 'InvalidAccessKeyId'
  | 'SignatureDoesNotMatch'
  | 'RequestTimeTooSkewed'
  | 'AuthorizationHeaderMalformed';

const maxSkew = 15 * 60_000;

/**
 * Checks AWS signature version 4 as its reference says, from what was really sent.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function checkSignature(call: ObjectCall, account: S3Account): Refused | undefined {
  const given = credentialPattern.exec(call.headers.authorization ?? '');
  if (!given) return 'AccessDenied';
  const [, accessKey, day, region, signed, signature] = given as unknown as Named;
  if (accessKey !== account.accessKey) return 'InvalidAccessKeyId';
  if (region !== account.region) return 'AuthorizationHeaderMalformed';
  const time = String(call.headers['x-amz-date']);
  if (!time.startsWith(day) || Math.abs(timeOf(time) - Date.now()) > maxSkew) return 'RequestTimeTooSkewed';
  const names = signed.split(';');
  if (!mustBeSigned.every((name) => names.includes(name))) return 'AccessDenied';
  const wanted = signatureOf(call, account, { day, time, names });
  return timingSafeEqual(wanted, Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch';
}

/** What the pattern finds, after the whole. */
type Named = readonly [string, string, string, string, string, string];

const credentialPattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
const mustBeSigned = ['host', 'x-amz-content-sha256', 'x-amz-date'];

function signatureOf(
  call: ObjectCall,
  { region, secretKey }: S3Account,
  { day, names, time }: { day: string; names: readonly string[]; time: string },
): Buffer {
  const parts = [day, region, 's3', 'aws4_request'];
  const text = ['AWS4-HMAC-SHA256', time, parts.join('/'), sha256(canonicalRequest(call, names))].join('\n');
  const start: string | Buffer = `AWS4${secretKey}`;
  const key = parts.reduce<string | Buffer>(
    (before, part) => createHmac('sha256', before).update(part).digest(),
    start,
  );
  return createHmac('sha256', key).update(text).digest();
}

function canonicalRequest({ headers, method, query, target }: ObjectCall, names: readonly string[]): string {
  const [path = ''] = target.split('?');
  const values = names.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/\s+/g, ' ')}\n`,
  );
  const asked = [...query]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map((pair) => pair.join('='));
  const encoded = path.split('/').map((part) => encode(decodeURIComponent(part)));
  const hash = String(headers['x-amz-content-sha256'] ?? '');
  return [method, encoded.join('/'), asked.join('&'), values.join(''), names.join(';'), hash].join('\n');
}

function encode(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const letter = String.fromCharCode(byte);
    return /[A-Za-z0-9._~-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `20261127T130000Z` */
function timeOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
