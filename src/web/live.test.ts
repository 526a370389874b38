import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEvents, rawGet, serve } from '../../test/web/serve.ts';
import type { EventStream, Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';

const id = '0a1b2c3d-1111-4222-8333-444455556666';
const build = plainBuild({
  id,
  state: 'running',
  step: 'run',
  phase: 'tempest',
  startedAt: '2026-11-22T10:00:00.000Z',
});
const sections = [
  'summary',
  'notices',
  'running',
  'waiting',
  'finished',
  'backends',
  'clouds',
  'servers',
  'boots',
  'connections',
  'events',
];
let status: PlainStatus;
let served: Served;
let streams: EventStream[];

beforeEach(async () => {
  status = createPlainStatus(plainOverview(), [build]);
  served = await serve(status, { liveClients: 3 });
  streams = [];
});

afterEach(async () => {
  for (const stream of streams) stream.close();
  await served.stop();
});

async function open(path: string, headers: Record<string, string> = {}): Promise<EventStream> {
  const stream = await openEvents(served.url + path, headers);
  streams.push(stream);
  return stream;
}

/** How often the whole status is asked for from now on. */
function countOverviews(): () => number {
  let asked = 0;
  status.overview = async () => {
    asked += 1;
    return status.view;
  };
  return () => asked;
}

const names = (text: string) => [...text.matchAll(/^event: (\S+)$/gm)].map((match) => match[1]);

describe('the event stream of the status page', () => {
  test('starts with every section and then sends only what changed', async () => {
    const stream = await open('/live/status');

    const first = await stream.until((text) => text.includes('event: events'));
    status.view = { ...status.view, running: [build], totals: { running: 1, waiting: 0 } };
    status.changed();
    const second = await stream.until((text) => text.includes('345612'));

    expect(names(first)).toEqual(sections);
    expect(names(second)).toEqual(['summary', 'running']);
  });

  test('makes one update of many changes', async () => {
    const stream = await open('/live/status');
    await stream.until((text) => text.includes('event: events'));
    const asked = countOverviews();

    status.view = { ...status.view, running: [build] };
    for (let count = 0; count < 1000; count += 1) status.changed();
    await stream.until((text) => text.includes('345612'));

    expect(asked()).toBeLessThanOrEqual(2);
  });

  test('reads the store once for all pages', async () => {
    const pages = [await open('/live/status'), await open('/live/status'), await open('/live/status')];
    await Promise.all(pages.map((page) => page.until((text) => text.includes('event: events'))));
    const asked = countOverviews();

    status.view = { ...status.view, running: [build] };
    status.changed();
    await Promise.all(pages.map((page) => page.until((text) => text.includes('345612'))));

    expect(asked()).toBeLessThanOrEqual(2);
    expect(status.subscriptions()).toBe(1);
  });

  test('goes on after the store was away', async () => {
    const stream = await open('/live/status');
    await stream.until((text) => text.includes('event: events'));
    status.overview = () => Promise.reject(new Error('gone'));
    status.changed();

    status.overview = async () => status.view;
    status.view = { ...status.view, running: [build] };
    status.changed();

    expect(names(await stream.until((text) => text.includes('345612')))).toContain('running');
  });

  test('is refused when too many are open, and free again when one leaves', async () => {
    for (let count = 0; count < 3; count += 1) await open('/live/status');

    const refused = await rawGet(served.url, '/live/status');
    streams[0]?.close();
    let last = await open('/live/status');
    while (last.status !== 200) last = await open('/live/status');

    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '30']);
    expect(last.status).toBe(200);
  });

  test('takes no place for a question about its headers', async () => {
    for (let count = 0; count < 5; count += 1) await rawGet(served.url, '/live/status', { method: 'HEAD' });

    expect((await open('/live/status')).status).toBe(200);
  });

  test('ends with the server, and the subscription too', async () => {
    const own = createPlainStatus(plainOverview());
    const other = await serve(own);
    const stream = await openEvents(`${other.url}/live/status`);

    await other.stop();

    await expect(stream.until((text) => text.includes('never'))).rejects.toThrow();
    expect(own.subscriptions()).toBe(0);
  });
});

describe('the event stream of a build', () => {
  const grow = (text: string, complete = false) => {
    const before = status.consoles.get(id)?.bytes ?? Buffer.alloc(0);
    status.consoles.set(id, { bytes: Buffer.concat([before, Buffer.from(text)]), complete });
  };

  test('brings the console as it grows, escaped, with the offset to go on at', async () => {
    grow('one\n');
    const stream = await open(`/live/build/${id}`);
    const first = await stream.until((text) => text.includes('id: 4\n\n'));

    grow('<b>two</b>\n');
    const second = await stream.until((text) => text.includes('id: 15\n\n'));

    expect(first).toContain('data: <span class="part">one\ndata: </span>\n');
    expect(second).toContain('data: <span class="part">&lt;b&gt;two&lt;/b&gt;\n');
  });

  test('goes on where the page, or the lost connection, had ended', async () => {
    grow('one\ntwo\nthree\n');

    const page = await open(`/live/build/${id}?offset=4`);
    const again = await open(`/live/build/${id}?offset=4`, { 'last-event-id': '8' });

    expect(await page.until((text) => text.includes('id: 14\n\n'))).toContain('<span class="part">two\n');
    expect(await again.until((text) => text.includes('id: 14\n\n'))).toContain('<span class="part">three\n');
  });

  test('waits for the rest of a character and of a colour', async () => {
    grow('ab\u001b[3');
    const stream = await open(`/live/build/${id}`);
    await stream.until((text) => text.includes('id: 2\n\n'));

    grow('1mred\u001b[0m\n');

    expect(await stream.until((text) => text.includes('id: 15\n\n'))).toContain(
      '<span class="part"><span class="c1">red</span>\n',
    );
  });

  test('takes a reader far behind to the end', async () => {
    const large = Buffer.from(`${'x'.repeat(99)}\n`.repeat(30_000));
    grow(String(large));
    await served.archive.write(`${build.logPath}job-output.txt`, large);

    const stream = await open(`/live/build/${id}?offset=0`);
    const text = await stream.until((so) => so.includes('id: 3000000\n\n'));

    expect(text).toContain('earlier output is in the file');
    expect(text.length).toBeLessThan(800_000);
  });

  test('brings the verdict without being asked', async () => {
    const stream = await open(`/live/build/${id}`);
    await stream.until((text) => text.includes('event: siblings'));

    status.details.set(id, { ...build, state: 'done', step: undefined, result: 'SUCCESS', reason: 'all tests passed' });
    status.changed();

    expect(names(await stream.until((text) => text.includes('all tests passed')))).toContain('verdict');
  });

  test('is not there for a build that is not there, so that the browser stops asking', async () => {
    expect((await rawGet(served.url, '/live/build/ffffffff')).status).toBe(204);
  });
});
