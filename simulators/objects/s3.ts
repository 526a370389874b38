import { createHash } from 'node:crypto';
import { checkSignature } from './signature.ts';
import type { Refused, S3Account } from './signature.ts';
import { keep, listed, reply } from './state.ts';
import type { ObjectCall, ObjectReply, Objects } from './state.ts';

const words: Readonly<Record<Refused, string>> = {
  AccessDenied: 'Access Denied',
  InvalidAccessKeyId: 'The AWS Access Key Id you provided does not exist in our records.',
  SignatureDoesNotMatch:
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  RequestTimeTooSkewed: 'The difference between the request time and the current time is too large.',
  AuthorizationHeaderMalformed: 'The authorization header is malformed; another region is expected.',
};

/** S3, as far as sidegate uses it; every signature is checked. */
export function answerS3(buckets: ReadonlyMap<string, Objects>, account: S3Account, call: ObjectCall): ObjectReply {
  const refused = checkSignature(call, account);
  if (refused) return problem(refused === 'AuthorizationHeaderMalformed' ? 400 : 403, refused, words[refused], call);
  const objects = buckets.get(call.container);
  if (objects === undefined) return problem(404, 'NoSuchBucket', 'The specified bucket does not exist', call);
  if (call.name !== '') return answerObject(objects, call);
  return call.method === 'GET' ? list(objects, call) : problem(405, 'MethodNotAllowed', 'Not allowed', call);
}

function answerObject(objects: Objects, call: ObjectCall): ObjectReply {
  const { content, headers, method, name } = call;
  const known = objects.get(name);
  switch (method) {
    case 'PUT': {
      const md5 = createHash('md5').update(content).digest('base64');
      if (headers['content-md5'] !== undefined && headers['content-md5'] !== md5)
        return problem(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.', call);
      return { status: 200, headers: { ETag: `"${keep(objects, call).md5}"`, 'Content-Length': '0' } };
    }
    case 'GET':
    case 'HEAD':
      return known ? reply(known, call, `"${known.md5}"`) : problem(404, 'NoSuchKey', 'The key does not exist.', call);
    case 'DELETE':
      objects.delete(name);
      return { status: 204 };
    default:
      return problem(405, 'MethodNotAllowed', 'Not allowed', call);
  }
}

function list(objects: Objects, { container, query }: ObjectCall): ObjectReply {
  const limit = Math.min(1000, Number(query.get('max-keys') ?? 1000));
  const prefix = query.get('prefix') ?? '';
  const found = listed(objects, { after: query.get('start-after') ?? '', limit, prefix });
  const isEncoded = query.get('encoding-type') === 'url';
  const key = (name: string) => (isEncoded ? encodeURIComponent(name).replaceAll('%20', '+') : escaped(name));
  const rows = found.map(
    ([name, { content, md5, modified }]) =>
      `<Contents><Key>${key(name)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>&quot;${md5}&quot;</ETag><Size>${content.length}</Size></Contents>`,
  );
  const encoding = isEncoded ? '<EncodingType>url</EncodingType>' : '';
  return xml(
    200,
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${container}</Name>${encoding}<KeyCount>${rows.length}</KeyCount>${rows.join('')}</ListBucketResult>`,
  );
}

function problem(status: number, code: string, message: string, { method }: ObjectCall): ObjectReply {
  if (method === 'HEAD') return { status };
  return xml(status, `<Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`);
}

function xml(status: number, text: string): ObjectReply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
  return { status, headers: { 'Content-Type': 'application/xml' }, body };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
