import { AwsV4Signer } from 'aws4fetch';
import { SidegateError } from '../../domain/errors.ts';
import type { S3Access } from '../../domain/object-store-access.ts';
import type { ObjectStore, StoredObject } from '../../ports/object-store.ts';
import { createObjectStore } from './create-object-store.ts';
import { encoded, encodedPath } from './dialect.ts';
import type { DialectRequest } from './dialect.ts';
import { createExchange } from './exchange.ts';
import type { Exchange } from './exchange.ts';

const pageSize = 1000;

/** A bucket of an S3 server. https://docs.aws.amazon.com/AmazonS3/latest/API/ */
export function createS3Store(access: S3Access): ObjectStore {
  const exchange = createExchange({ verify: true, ca: access.ca });
  const dialect = {
    place: `bucket ${access.bucket} at ${access.endpoint}`,
    send: (request) => sendSigned(access, exchange, request),
    putHeaders: ({ md5 }) => ({ 'Content-MD5': Buffer.from(md5, 'hex').toString('base64') }),
    listQuery: (below, after) =>
      `?list-type=2&encoding-type=url&max-keys=${pageSize}&prefix=${encoded(below)}${after === '' ? '' : `&start-after=${encoded(after)}`}`,
    readList,
    problemOf: (text) => [tag(text, 'Code'), tag(text, 'Message')].filter((word) => word !== undefined).join(': '),
  } satisfies Parameters<typeof createObjectStore>[0];
  return createObjectStore(dialect, access.prefix);
}

/** Signature version 4. The content is not signed, as it would have to be read twice: its checksum is, and TLS guards it on the way. */
async function sendSigned(access: S3Access, exchange: Exchange, { headers, name, query, ...rest }: DialectRequest) {
  const url = `${access.endpoint}/${encoded(access.bucket)}${name === '' ? '' : `/${encodedPath(name)}`}${query}`;
  const signer = new AwsV4Signer({
    method: rest.method,
    url,
    headers: { ...headers },
    accessKeyId: access.accessKey,
    secretAccessKey: access.secretKey,
    service: 's3',
    region: access.region,
  });
  const signed = await signer.sign();
  return await exchange({ ...rest, url: signed.url.href, headers: Object.fromEntries(signed.headers) });
}

function readList(text: string): readonly StoredObject[] {
  if (!text.includes('<ListBucketResult'))
    throw new SidegateError('object-store-unreachable', 'the list is none of S3');
  const isEncoded = tag(text, 'EncodingType') === 'url';
  return text
    .split('<Contents>')
    .slice(1)
    .map((part) => {
      const key = tag(part, 'Key') ?? '';
      return {
        path: isEncoded ? decoded(key) : key,
        size: Number(tag(part, 'Size')),
        etag: (tag(part, 'ETag') ?? '').replaceAll('"', ''),
        modified: new Date(tag(part, 'LastModified') ?? 0),
      };
    });
}

/** As forms are encoded: a blank is `+`. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

/** The text of the first such element; S3's answers are flat where we look. */
function tag(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`);
  const end = start < 0 ? -1 : xml.indexOf(`</${name}>`, start);
  return end < 0 ? undefined : unescaped(xml.slice(start + name.length + 2, end));
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|quot|apos|amp));/gi, (_, decimal, hex, word) => {
    if (word !== undefined) return entities[String(word).toLowerCase()] ?? '';
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal));
  });
}
