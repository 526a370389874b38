import { keep, listed, reply } from './state.ts';
import type { ObjectCall, ObjectReply, Objects } from './state.ts';

const pageLimit = 10_000;

/** Swift's object API, as far as sidegate uses it: answers as Swift 2.30 gives them. */
export function answerSwift(containers: ReadonlyMap<string, Objects>, call: ObjectCall): ObjectReply {
  const objects = containers.get(call.container);
  if (objects === undefined) return page(404, 'Not Found', 'The resource could not be found.');
  if (call.name === '') return call.method === 'GET' ? list(objects, call.query) : page(405, 'Method Not Allowed', '');
  return answerObject(objects, call);
}

function answerObject(objects: Objects, call: ObjectCall): ObjectReply {
  const { headers, method, name } = call;
  const known = objects.get(name);
  switch (method) {
    case 'PUT': {
      if (Buffer.byteLength(name) > 1024) return page(400, 'Bad Request', 'Object name length of more than 1024');
      const before = new Map(known ? [[name, known]] : []);
      const kept = keep(objects, call);
      if (headers.etag === undefined || headers.etag === kept.md5)
        return { status: 201, headers: { ETag: kept.md5, 'Content-Length': '0' } };
      objects.delete(name);
      for (const [old, value] of before) objects.set(old, value);
      return page(422, 'Unprocessable Entity', 'Unable to process the contained instructions');
    }
    case 'GET':
    case 'HEAD':
      return known ? reply(known, call, known.md5) : page(404, 'Not Found', 'The resource could not be found.');
    case 'DELETE':
      return objects.delete(name) ? { status: 204 } : page(404, 'Not Found', 'The resource could not be found.');
    default:
      return page(405, 'Method Not Allowed', '');
  }
}

function list(objects: Objects, query: URLSearchParams): ObjectReply {
  const limit = Number(query.get('limit') ?? pageLimit);
  if (limit > pageLimit) return page(412, 'Precondition Failed', `Maximum limit is ${pageLimit}`);
  const found = listed(objects, { after: query.get('marker') ?? '', limit, prefix: query.get('prefix') ?? '' });
  const rows = found.map(([name, { content, md5, modified, type }]) => ({
    bytes: content.length,
    hash: md5,
    name,
    content_type: type,
    last_modified: modified.toISOString().replace('Z', '000'),
  }));
  return { status: 200, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(rows) };
}

export function page(status: number, title: string, text: string): ObjectReply {
  return {
    status,
    headers: { 'Content-Type': 'text/html; charset=UTF-8' },
    body: `<html><h1>${title}</h1><p>${text}</p></html>`,
  };
}
