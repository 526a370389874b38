import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { allObjects } from '../../../ports/object-store.ts';
import type { NewObject, ObjectStore } from '../../../ports/object-store.ts';

/** An object as it is sent. */
export function newObject(path: string, content: string | Buffer, changes: Partial<NewObject> = {}): NewObject {
  const bytes = Buffer.from(content);
  return {
    path,
    size: bytes.length,
    md5: createHash('md5').update(bytes).digest('hex'),
    open: () => Readable.from([bytes]),
    type: 'text/plain; charset=utf-8',
    gzip: false,
    ...changes,
  };
}

interface Setting {
  /** Nobody else's, with its `/`. */
  readonly folder: string;
  /** Of one file; a server in this process has all of it in memory. */
  readonly large: number;
}

/** What every object store does, of the simulators and of real servers alike. */
export function objectStoreContract(name: string, store: () => ObjectStore, setting: Setting): void {
  const { folder } = setting;
  const help: Help = {
    store,
    folder,
    text: async (path, start, end) => {
      const found = await store().open(`${folder}${path}`, { start, end });
      return found && (await buffer(found)).toString('latin1');
    },
    names: async (below) => {
      const found: string[] = [];
      for await (const { path } of allObjects(store(), `${folder}${below}`)) found.push(path.slice(folder.length));
      return found;
    },
  };
  describe(name, () => {
    keeping(help);
    refusing(help);
    listing(help);
    streaming(help, setting.large);
  });
}

interface Help {
  readonly store: () => ObjectStore;
  readonly folder: string;
  /** Of an object below the folder. */
  readonly text: (path: string, start: number, end: number) => Promise<string | undefined>;
  /** Of all objects below. */
  readonly names: (below: string) => Promise<readonly string[]>;
}

function keeping({ folder, store, text }: Help): void {
  test('keeps a file, tells of it and gives parts of it', async () => {
    const object = newObject(`${folder}a/job-output.txt`, '0123456789');

    const tag = await store().put(object);

    const found = await store().find(object.path);
    expect(found).toMatchObject({ path: object.path, size: 10, etag: object.md5 });
    expect(tag).toBe(object.md5);
    expect(Math.abs(Date.now() - (found?.modified.getTime() ?? 0))).toBeLessThan(60_000);
    expect([await text('a/job-output.txt', 0, 9), await text('a/job-output.txt', 3, 4)]).toEqual(['0123456789', '34']);
  });

  test('replaces it, and keeps an empty one', async () => {
    await store().put(newObject(`${folder}b/file`, 'old content'));
    await store().put(newObject(`${folder}b/file`, 'new'));
    await store().put(newObject(`${folder}b/empty`, ''));

    expect(await text('b/file', 0, 100)).toBe('new');
    expect(await store().find(`${folder}b/empty`)).toMatchObject({ size: 0 });
  });

  test('gives gzip as it was sent', async () => {
    const packed = gzipSync('hello');
    await store().put(newObject(`${folder}c/log.txt.gz`, packed, { gzip: true }));

    expect(await text('c/log.txt.gz', 0, 100)).toBe(packed.toString('latin1'));
    expect(await store().find(`${folder}c/log.txt.gz`)).toMatchObject({ size: packed.length });
  });

  test('removes, twice if need be, and knows nothing of what is not there', async () => {
    await store().put(newObject(`${folder}h/file`, 'x'));

    await store().remove(`${folder}h/file`);
    await store().remove(`${folder}h/file`);

    expect(await store().find(`${folder}h/file`)).toBeUndefined();
    expect(await text('h/file', 0, 1)).toBeUndefined();
  });
}

function refusing({ folder, store }: Help): void {
  test('refuses content that arrives with another checksum', async () => {
    const wrong = newObject(`${folder}d/broken`, 'content', { md5: createHash('md5').update('other').digest('hex') });

    await expect(store().put(wrong)).rejects.toMatchObject({ code: 'object-store-refused' });
    expect(await store().find(wrong.path)).toBeUndefined();
  });

  test('does not keep a file that is shorter than was said', async () => {
    const short = { ...newObject(`${folder}d/short`, 'content'), size: 70_000 };

    await expect(store().put(short)).rejects.toMatchObject({ code: 'object-store-unreachable' });
    expect(await store().find(short.path)).toBeUndefined();
  });
}

function listing({ folder, names, store, text }: Help): void {
  test('takes any name that logs have', async () => {
    const odd = ['a b+c', '100% sure?#&=', 'é-ü-日本', "it's (1)*!", '<img src=x>', '~tilde;semi,comma@at:colon$'];
    for (const one of odd) await store().put(newObject(`${folder}e/${one}/x.txt`, one));

    expect((await names('e/')).toSorted()).toEqual(odd.map((one) => `e/${one}/x.txt`).toSorted());
    for (const one of odd) {
      expect(await text(`e/${one}/x.txt`, 0, 100)).toBe(Buffer.from(one).toString('latin1'));
      await store().remove(`${folder}e/${one}/x.txt`);
    }
    expect(await names('e/')).toEqual([]);
  });

  test('lists page by page, and nothing that only begins alike elsewhere', async () => {
    for (const one of ['f/1', 'f/2', 'f/3', 'g/1']) await store().put(newObject(`${folder}${one}`, one));

    expect(await names('f/')).toEqual(['f/1', 'f/2', 'f/3']);
    const rest = await store().list(`${folder}f/`, `${folder}f/1`);
    expect(rest.map(({ path }) => path.slice(folder.length))).toEqual(['f/2', 'f/3']);
    expect(await store().list(`${folder}f/`, `${folder}f/3`)).toEqual([]);
  });
}

function streaming({ folder, store, text }: Help, size: number): void {
  test('streams a large file in bounded memory', { timeout: 120_000 }, async () => {
    const part = Buffer.alloc(1024 * 1024, 'sidegate ');
    const parts = function* () {
      for (let at = 0; at < size; at += part.length) yield part;
    };
    const hash = createHash('md5');
    for (const one of parts()) hash.update(one);
    const md5 = hash.digest('hex');
    const object = { ...newObject(`${folder}i/large`, ''), size, md5, open: () => Readable.from(parts()) };
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 5);

    await store().put(object);
    clearInterval(watch);

    expect(await store().find(object.path)).toMatchObject({ size, etag: md5 });
    expect(await text('i/large', size - 9, size)).toHaveLength(9);
    await store().remove(object.path);
    expect(most).toBeLessThan(64 * 1024 * 1024);
  });
}
