import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scrubbedLogs } from '../../../test/flow/scrubbed-logs.ts';
import { createScrubLines } from '../../domain/scrub/scrubber.ts';
import { scrubPart } from './scrub-file.ts';

const secret = 'correct-horse-battery';
const stars = '*'.repeat(secret.length);
let root: string;
let logs: ReturnType<typeof scrubbedLogs>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sidegate-scrubbed-'));
  logs = scrubbedLogs(root, [secret]);
});
afterEach(() => rm(root, { recursive: true }));

const content = (path: string) => readFile(join(root, path), 'utf8');

describe('a file that grows', () => {
  test('keeps back what may be half a secret, and goes on at its size after a crash', async () => {
    const { archive } = logs;
    const whole = Buffer.from(`one\npassword ${secret} two\nthree`);
    await archive.writeAt('console', 0, whole.subarray(0, 20));
    const first = await content('console');
    // Another process: it knows nothing but the file.
    const next = scrubbedLogs(root, [secret]).archive;
    const size = await next.size('console');

    await next.writeAt('console', size, whole.subarray(size, 30));
    await next.writeAt('console', 30, whole.subarray(30));
    await next.finish('console', 'write');

    expect([first, size]).toEqual(['one\n', 4]);
    expect(await content('console')).toBe(`one\npassword ${stars} two\nthree`);
    expect((await content('console')).length).toBe(whole.length);
  });

  test('loses what was kept back where somebody else goes on', async () => {
    await logs.archive.writeAt('console', 0, Buffer.from(`one\nhalf a ${secret.slice(0, 9)}`));

    await logs.archive.finish('console', 'drop');

    expect(await content('console')).toBe('one\n');
  });

  test('begins again where its connection broke', async () => {
    await logs.archive.writeAt('console', 0, Buffer.from('one\ntw'));
    const size = await logs.archive.size('console');

    await logs.archive.writeAt('console', size, Buffer.from('two\n'));

    expect(await content('console')).toBe('one\ntwo\n');
  });

  test('takes parts that come at the same time in their order', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}\n`);
    let at = 0;

    await Promise.all(
      lines.map((line) => logs.archive.writeAt('console', (at += line.length) - line.length, Buffer.from(line))),
    );

    expect(await content('console')).toBe(lines.join(''));
  });
});

describe('a whole file', () => {
  test('is scrubbed, and what was hidden is counted once', async () => {
    await logs.archive.write('a/log.txt', `token=${secret}\n`);
    await logs.archive.write('b/log.txt', 'nothing\n');

    expect(await content('a/log.txt')).toBe(`token=${stars}\n`);
    expect([...logs.scrubber.takeHidden('a/')]).toEqual([['a/log.txt', { 'known-secret': 1 }]]);
    expect([...logs.scrubber.takeHidden('a/')]).toEqual([]);
  });

  test('that is gzip is unpacked, scrubbed and packed again, to the third layer', async () => {
    const text = `${'x'.repeat(200_000)}\n${secret}\n`;
    await logs.archive.write('log.txt.gz', gzipSync(text));
    await logs.archive.write('log.gz.gz', gzipSync(gzipSync(text)));
    await logs.archive.write('deep.gz', gzipSync(gzipSync(gzipSync(gzipSync(text)))));

    const once = gunzipSync(await readFile(join(root, 'log.txt.gz')));
    const twice = gunzipSync(gunzipSync(await readFile(join(root, 'log.gz.gz'))));
    const deep = gunzipSync(gunzipSync(gunzipSync(await readFile(join(root, 'deep.gz')))));

    expect(once.toString()).toBe(text.replace(secret, stars));
    expect(twice.toString()).toBe(text.replace(secret, stars));
    expect(deep.toString()).toMatch(/^sidegate left this file out/);
  });

  test('that is a broken gzip keeps what could be read', async () => {
    const packed = gzipSync(Array.from({ length: 30_000 }, (_, index) => `line ${index} ${secret}\n`).join(''));

    await logs.archive.write('log.gz', packed.subarray(0, packed.length / 2));

    const text = gunzipSync(await readFile(join(root, 'log.gz'))).toString();
    expect(text).toMatch(/^line 0 \*+\n/);
    expect(text).toMatch(/left out what follows/);
    expect(text).not.toContain(secret);
  });

  test('that is a bomb is cut', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x61));
    const scrub = createScrubLines({ without: [], rules: [] }, [secret], () => '');

    const packed = await scrubPart(bomb, { scrub, hidden: new Map(), maxUnpacked: 1_000_000 }, 0);

    expect(gunzipSync(packed).length).toBeLessThan(1_100_000);
    expect(gunzipSync(packed).toString('latin1', 900_000)).toMatch(/left out what follows/);
  });

  test('that cannot be looked into is not published', async () => {
    await logs.archive.write('logs.zip', Buffer.from(`PK\u0003\u0004 ${secret}`));

    expect(await content('logs.zip')).toMatch(/cannot be looked through for secrets/);
  });

  test('that is a picture stays as it is', async () => {
    const png = Buffer.from('\x89PNG\r\n\x1a\n password=abc', 'latin1');

    await logs.archive.write('a.png', png);

    expect((await readFile(join(root, 'a.png'))).equals(png)).toBe(true);
  });
});

test('a text for people is scrubbed too', () => {
  expect(logs.scrubber.text(`ängstlich: ${secret}`)).toBe(`ängstlich: ${stars}`);
});
