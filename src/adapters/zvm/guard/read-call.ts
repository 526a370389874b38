import type { IncomingMessage } from 'node:http';

const maxBody = 1024 * 1024;
const maxDepth = 16;

/** A body that cannot be read is the worker's mistake, told in words. */
export type ReadBody = { readonly ok: unknown } | { readonly wrong: string };

/**
 * The parsed JSON, or undefined where there is none. Of keys that are there twice the last one counts: Feilong gets them written anew, once.
 * Rejects when the request breaks off.
 */
export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  const bytes = await readBytes(request);
  if (bytes === undefined) return { wrong: `is longer than ${maxBody} bytes` };
  if (bytes.length === 0) return { ok: undefined };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return isShallow(value, maxDepth) ? { ok: value } : { wrong: 'is nested too deeply' };
  } catch {
    return { wrong: 'is no JSON in UTF-8' };
  }
}

/** Undefined when there are too many; what is left is not read, and the connection stays, so that the answer can be heard. */
function readBytes(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBody) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBody) return void chunks.push(chunk);
      chunks.length = 0;
      request.pause();
      resolve(undefined);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The request broke off.')));
  });
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isShallow(member, depth - 1));
}
