import type { IncomingMessage } from 'node:http';

const maxBody = 1024 * 1024;
const maxDepth = 16;

/** A body that cannot be read is the worker's mistake, told in words. */
export type ReadBody = { readonly ok: unknown } | { readonly wrong: string };

/** The parsed JSON, or undefined where there is none. Keys that are there twice count once, as the last one: it is written anew for Feilong. */
export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBody) return { wrong: `is longer than ${maxBody} bytes` };
    chunks.push(chunk);
  }
  if (length === 0) return { ok: undefined };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
    const value: unknown = JSON.parse(text);
    return isShallow(value, maxDepth) ? { ok: value } : { wrong: 'is nested too deeply' };
  } catch {
    return { wrong: 'is no JSON in UTF-8' };
  }
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isShallow(member, depth - 1));
}
