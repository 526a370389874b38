import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { SidegateError, errorText } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import type { ObjectStore } from '../ports/object-store.ts';

const content = Buffer.from('sidegate doctor was here\n');

/** Really writes, reads, lists and deletes one small object. */
export async function checkObjectStore(objects: ObjectStore): Promise<readonly Finding[]> {
  const path = `doctor/${randomUUID()}`;
  const md5 = createHash('md5').update(content).digest('hex');
  const open = () => Readable.from([content]);
  const written = await check('write', async () => {
    await objects.put({ path, size: content.length, md5, open, type: 'text/plain; charset=utf-8', gzip: false });
  });
  if (!written.ok) return [written];
  const read = await check('read', async () => {
    const found = await objects.open(path, { start: 0, end: content.length - 1 });
    const parts: Buffer[] = [];
    for await (const bytes of found ?? []) parts.push(bytes as Buffer);
    if (!Buffer.concat(parts).equals(content))
      throw new SidegateError('object-store-refused', 'what was written is not what is read');
  });
  // A list of Swift may be late: that it answers is enough.
  const listed = await check('list', async () => void (await objects.list('doctor/', '')));
  return [written, read, listed, await check('delete', () => objects.remove(path))];
}

async function check(what: string, work: () => Promise<void>): Promise<Finding> {
  try {
    await work();
    return { ok: true, what, detail: '', todo: '' };
  } catch (error) {
    const detail = error instanceof SidegateError ? error.detail : errorText(error);
    return { ok: false, what, detail, todo: todoOf(what, error) };
  }
}

/** By what stores say; their words are the same everywhere. */
function todoOf(what: string, error: unknown): string {
  if (!(error instanceof SidegateError)) return 'Report this as a bug of sidegate.';
  const { code, detail, todo } = error;
  if (code !== 'object-store-refused') return todo;
  if (/SignatureDoesNotMatch/.test(detail)) return 'secret_key does not belong to access_key: copy both again.';
  if (/InvalidAccessKeyId/.test(detail)) return 'The server does not know access_key: check it.';
  if (/RequestTimeTooSkewed/.test(detail))
    return 'The clocks of this machine and of the server differ: run NTP on both.';
  if (/NoSuchBucket/.test(detail)) return 'Make the bucket, or name the right one in `logs.upload.s3.bucket`.';
  if (/HTTP 404/.test(detail))
    return 'Make it with `openstack container create NAME`, or name the right one in `logs.upload`.';
  if (/HTTP 40[13]/.test(detail)) return `The account may not ${what} here: give it the right, or take another one.`;
  return todo;
}
