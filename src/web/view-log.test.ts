import { open, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawGet, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainOverview } from '../../test/web/status-fixture.ts';

const levels = ['DEBUG', 'INFO', 'INFO', 'WARNING', 'INFO', 'ERROR'];
/** Lines of a service, one a second. */
const lines = Array.from({ length: 4500 }, (_, index) => {
  const time = new Date(Date.UTC(2026, 10, 27, 10, 0, index)).toISOString().replace('T', ' ').slice(0, 23);
  return `${time} 123 ${levels[index % levels.length]} nova.compute [req-${index}] line ${index + 1}`;
});
lines.splice(6, 0, 'Traceback (most recent call last):', '  File "x.py", line 1');

/** A console whose lines say no time: 20 bytes each, 100 of them every two seconds, after an hour of silence. */
const consoleLines = Array.from({ length: 3000 }, (_, index) => `line ${String(index + 1).padStart(14, '.')}`);
consoleLines[1500] = '2026-11-27 09:00:00';
const consoleTimes = Array.from({ length: 30 }, (_, index) => {
  const at = new Date(Date.UTC(2026, 10, 27, 10, 0, 2 * index) + (index > 20 ? 3_600_000 : 0)).toISOString();
  return `${(index + 1) * 2000} ${at}\n`;
}).join('');

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</span></div></section><iframe src="javascript:alert(1)">',
  '\u001b[31m<b>\u001b]8;;javascript:alert(1)\u001b\\link\u001b]8;;\u001b\\',
  '2026-11-27 10:00:00<script>alert(1)</script>',
  '2026-11-27 10:00:00"><img src=x onerror=alert(1)>',
  '\u202eevil \u0000 \u0007 \u009b31m',
  '${7*7} {{7*7}} <!-- --> ]]> &lt;script&gt;',
];

let served: Served;

beforeAll(async () => {
  served = await serve(createPlainStatus(plainOverview()));
  const { archive, logsRoot } = served;
  await archive.write('a/n-cpu.txt', `${lines.join('\n')}\n`);
  await archive.write('a/packed.txt.gz', gzipSync(`${lines.join('\n')}\n`));
  await archive.write('a/b/job-output.txt', consoleLines.map((line) => `${line}\n`).join(''));
  await archive.write('a/b/job-output.times', consoleTimes);
  await archive.write('a/c/job-output.txt', 'one\n2026-11-27 10:00:05 two\n');
  await archive.write('a/c/job-output.times', '<script>\n-1 x\n4 2026-11-27T10:00:00Z\n3 2026-11-27T10:00:01Z\n');
  await archive.write('a/hostile.txt', hostile.join('\n'));
  await archive.write('a/<img src=x onerror=alert(1)>.txt', 'x');
  await archive.write('a/empty.txt', '');
  await archive.write('a/broken.txt.gz', gzipSync(lines.join('\n')).subarray(0, 3000));
  await archive.write('a/results.subunit', Buffer.from([0xb3, 0]));
  await archive.write('a/long.txt', `${'x'.repeat(3_000_000)}\nsecond\n`);
  await writeFile(join(logsRoot, 'big.log'), 'first\n');
  await truncate(join(logsRoot, 'big.log'), 1_000_000_000);
});
afterAll(() => served.stop());

const get = (path: string) => rawGet(served.url, `/view/${path}`);
const body = async (path: string) => String((await get(path)).body);
const shown = (page: string) => [...page.matchAll(/id="L(\d+)"/g)].map(([, number]) => Number(number));

describe('the log viewer', () => {
  test('shows the first thousand lines, each with its address', async () => {
    const page = await body('a/n-cpu.txt');

    expect(shown(page)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    expect(page).toMatch(/<div class="row ERROR" id="L6"[^>]*>\s*<a class="no" href="\?line=6#L6" tabindex="-1">6<\/a/);
    expect(page).toContain('href="?line=1001" data-turn="next"');
    expect(page).not.toContain('data-turn="previous"');
  });

  test('shows the page of a line, and the last one', async () => {
    const page = await body('a/n-cpu.txt?line=4321');
    const end = await get('a/n-cpu.txt?end=1');

    expect(shown(page).at(0)).toBe(4001);
    expect(page).toContain('4502 lines');
    expect(page).not.toContain('data-turn="next"');
    expect([end.status, end.headers.location]).toEqual([303, '/view/a/n-cpu.txt?line=4502#L4502']);
  });

  test('goes to a time', async () => {
    const there = await get('a/n-cpu.txt?time=2026-11-27T10:50:00');
    const behind = await get('a/n-cpu.txt?time=2027-01-01T00:00:00Z');

    expect(there.headers.location).toBe('/view/a/n-cpu.txt?line=3003#L3003');
    expect(behind.headers.location).toBe('/view/a/n-cpu.txt?line=4502#L4502');
  });

  test('marks the lines of a time, and keeps them marked on other pages and in filters', async () => {
    const there = await get('a/n-cpu.txt?time=2026-11-27T10:00:04&until=2026-11-27T10:00:08.5');
    const address = String(there.headers.location);
    const page = await body(address.replace('/view/', '').replace(/#.*/, ''));
    const marked = [...page.matchAll(/class="row \w* ?within" id="L(\d+)"/g)].map(([, number]) => Number(number));

    expect(address).toBe(
      '/view/a/n-cpu.txt?line=5&from=2026-11-27T10%3A00%3A04.000Z&until=2026-11-27T10%3A00%3A08.500Z#L5',
    );
    expect(marked).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(page).toContain('7 lines of this page marked');
    expect(page).toContain('<input type="hidden" name="until" value="2026-11-27T10:00:08.500Z"');
    expect(page).toMatch(/href="\?line=1001&amp;from=[^"]+&amp;until=[^"]+" data-turn="next"/);
    expect(await body('a/n-cpu.txt')).not.toContain('within');
  });

  test('leads to the same text in other runs of the job', async () => {
    const folder = '45/12345/2/check/zvm-tempest/0a1b2c3';
    await served.archive.write(`${folder}/n-cpu.txt`, 'x');

    expect(await body(`${folder}/n-cpu.txt?find=a%26b`)).toContain('href="/search?text=a%26b&amp;job=zvm-tempest"');
    expect(await body('a/n-cpu.txt')).toContain('href="/search?"');
  });

  test('goes to a time in a console whose lines have none, by the times beside it', async () => {
    const line = async (time: string) => (await get(`a/b/job-output.txt?time=${time}`)).headers.location?.split('#')[1];

    expect(await line('2026-11-27T09:00:00Z')).toBe('L1');
    expect(await line('2026-11-27T10:00:01Z')).toBe('L101');
    expect(await line('2026-11-27T10:00:40Z')).toBe('L2001');
    expect(await line('2026-11-27T10:30:00Z')).toBe('L2101');
    expect(await line('2026-11-28T10:00:00Z')).toBe('L3000');
  });

  test('marks the lines of a time in such a console too', async () => {
    const page = await body('a/b/job-output.txt?line=101&from=2026-11-27T10:00:01&until=2026-11-27T10:00:02');
    const marked = [...page.matchAll(/class="row \w* ?within" id="L(\d+)"/g)].map(([, number]) => Number(number));

    expect(marked).toEqual(Array.from({ length: 100 }, (_, index) => 101 + index));
  });

  test('shows beside a line when it was written, where another second begins', async () => {
    const page = await body('a/b/job-output.txt?line=1501');
    const besides = [
      ...page.matchAll(/id="L(\d+)" data-time="(\d+)">(?:(?!<\/div>)[^])*?class="at beside" href="\?time=([^"]+)"/g),
    ];

    expect(besides.map(([, number, , time]) => [Number(number), time]).slice(0, 2)).toEqual([
      [1001, '2026-11-27T10:00:20.000Z'],
      [1101, '2026-11-27T10:00:22.000Z'],
    ]);
    expect(page).toContain(`id="L1002" data-time="${Date.UTC(2026, 10, 27, 10, 0, 20)}"`);
    // A line that says a time itself keeps it.
    expect(page).toContain('href="?time=2026-11-27T09:00:00.000Z"');
  });

  test('takes no times for what is none', async () => {
    const page = await body('a/c/job-output.txt');

    expect(page.match(/class="at beside"/g)).toHaveLength(1);
    expect(page).toContain('title="written by 2026-11-27T10:00:00.000Z"');
    expect(page).not.toContain('<script>');
  });

  test('shows a severity and above, a traceback with its error', async () => {
    const page = await body('a/n-cpu.txt?level=ERROR');

    expect(shown(page).slice(0, 5)).toEqual([6, 7, 8, 14, 20]);
    expect(shown(page)).toHaveLength(500);
    expect(page).toMatch(/href="\?line=\d+&amp;level=ERROR" data-turn="next"/);
  });

  test('finds a text, such as the id of a request', async () => {
    expect(shown(await body('a/n-cpu.txt?find=req-3999'))).toEqual([4002]);
    expect(await body('a/n-cpu.txt?find=nowhere')).toContain('No line from here to the end fits.');
  });

  test('shows what is packed as it shows the rest, also where it is broken', async () => {
    const whole = await body('a/packed.txt.gz?line=4321');
    const broken = shown(await body('a/broken.txt.gz'));

    expect(shown(whole)).toEqual(shown(await body('a/n-cpu.txt?line=4321')));
    expect(broken.length).toBeGreaterThan(0);
    expect(broken.length).toBeLessThan(1000);
  });

  test('cuts a line that is too long, and goes on behind it', async () => {
    const page = await body('a/long.txt');

    expect(shown(page)).toEqual([1, 2]);
    expect(page).toContain('more</i>');
    expect(page.length).toBeLessThan(100_000);
  });

  test('follows a log that grows', async () => {
    const { archive } = served;
    await archive.write('a/grows.txt', 'one\n');
    const first = (await get('a/grows.txt?end=1')).headers.location;
    await archive.writeAt('a/grows.txt', 4, Buffer.from('two\nthree'));

    expect([first, (await get('a/grows.txt?end=1')).headers.location]).toEqual([
      '/view/a/grows.txt?line=1#L1',
      '/view/a/grows.txt?line=3#L3',
    ]);
  });

  test('opens a log of a gigabyte without reading it, and does not keep it', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const read = await open(join(served.logsRoot, 'big.log'));
    await read.close();

    const page = await body('big.log');
    const grown = process.memoryUsage().arrayBuffers - before;

    expect(shown(page)).toEqual([1, 2]);
    expect(page).toMatch(/1\.0 GB/);
    expect(grown).toBeLessThan(150_000_000);
  });
});

describe('what a log holds', () => {
  test('is text, whatever it is', async () => {
    const answer = await get('a/hostile.txt');
    const page = String(answer.body);
    const log = page.slice(page.indexOf('id="log"'), page.indexOf('</section>', page.indexOf('id="log"')));

    expect(shown(page)).toHaveLength(hostile.length);
    const tags = new Set([...log.matchAll(/<\/?([a-z]+)/g)].map(([, tag]) => tag));
    expect(tags).toEqual(new Set(['a', 'div', 'span']));
    expect(log).not.toMatch(/<[^>]* on\w+=/);
    expect(log).not.toMatch(/href="(?!\?)/);
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(log).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(answer.headers['content-security-policy']).toMatch(
      /default-src 'none'; script-src 'self'; style-src 'self'/,
    );
  });

  test('is not shown for names that are no log, and names are text too', async () => {
    const list = String((await rawGet(served.url, '/logs/a/')).body);
    const odd = await body(`a/${encodeURIComponent('<img src=x onerror=alert(1)>.txt')}`);

    expect(list).toContain('href="/view/a/n-cpu.txt"');
    expect(list).toContain('href="/logs/a/results.subunit"');
    expect(odd).not.toContain('<img');
    expect((await get('a/results.subunit')).headers.location).toBe('/logs/a/results.subunit');
    expect((await get('a/')).headers.location).toBe('/logs/a/');
    expect(await body('a/empty.txt')).toContain('There is nothing here.');
  });

  test.each([
    '../secret',
    '%2e%2e/secret',
    'a/gone.txt',
    'a/.hidden',
    'a/n-cpu.txt?line=0',
    'a/n-cpu.txt?level=X',
    'a/n-cpu.txt?time=yesterday',
    'a/n-cpu.txt?from=2026-99-99T00:00:00&until=2026-11-27T00:00:00',
  ])('%s is refused', async (path) => {
    expect([400, 404]).toContain((await get(path)).status);
  });
});
