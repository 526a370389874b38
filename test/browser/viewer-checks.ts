import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Bench, Check } from './bench.ts';
import { ensure, openPage, until, withPage } from './bench.ts';
import { mustFit, tabTo } from './page-checks.ts';

/** Logs of any size and with anything in them, in the viewer. */
export const viewerChecks: readonly Check[] = [
  { name: 'a log of a gigabyte opens at once, at any line and time', run: gigabyte },
  { name: 'lines of a log are filtered, linked and walked by keyboard', run: byKeyboard },
  { name: 'a log never runs script or becomes markup in the viewer', run: hostileLog },
  { name: 'the viewer fits a phone, and tells the same without script', run: onPhone },
];

const folder = 'viewer-checks';
const gigabyteLines = 10_000_000;
/** What "at once" is on a slow and busy machine (ms); reading a gigabyte there takes longer. */
const atOnce = 2000;
const levels = ['DEBUG', 'INFO', 'INFO', 'WARNING', 'INFO', 'ERROR'];

/** The n-th line, one each second. */
function lineOf(number: number): string {
  const time = new Date(Date.UTC(2026, 10, 27) + number * 1000).toISOString().replace('T', ' ').slice(0, 23);
  const level = levels[number % levels.length] ?? '';
  return `${time} 2692 ${level.padEnd(8)} nova.compute.manager [req-${number}] Instance spawned on the host, line ${number}`;
}

const hostileLines = [
  '<script>document.title = "ran"; alert(1)</script>',
  '"><img src=x onerror="alert(1)">',
  "' autofocus onfocus='alert(1)",
  '</span></div></section></main><iframe src="javascript:alert(1)"></iframe>',
  '2026-11-27 10:00:00<svg onload=alert(1)>',
  '2026-11-27 10:00:00"><a href="javascript:alert(1)">click</a> ERROR x',
  '\u001b[31m<b>red</b>\u001b[0m \u001b]8;;javascript:alert(1)\u001b\\link\u001b]8;;\u001b\\ \u001b]0;title\u0007',
  '\u202etxt.exe \u0000\u0007\u009b31m \ufeff',
  `${'A'.repeat(30_000)}<script>alert(2)</script>`,
  '<!-- --> ]]> {{7*7}} ${7*7} &lt;script&gt;alert(3)&lt;/script&gt; <meta http-equiv="refresh" content="0;url=//evil">',
];

const fileIn = ({ demo }: Bench, name: string) => join(demo.directory, 'logs', folder, name);
const addressOf = ({ demo }: Bench, name: string) => `${demo.statusUrl}/view/${folder}/${name}`;

async function gigabyte(bench: Bench): Promise<void> {
  await writeGigabyte(fileIn(bench, 'gigabyte.txt'));
  const begun = performance.now();
  const page = await openPage(bench, addressOf(bench, 'gigabyte.txt'));
  await page.locator('#L1000').waitFor();
  const took = performance.now() - begun;
  ensure(took < atOnce, `the first page took ${Math.round(took)} ms`);

  await page.goto(`${addressOf(bench, 'gigabyte.txt')}#L7654321`);
  await page.locator('#L7654321.here').waitFor();
  ensure(await isOnScreen(page, '#L7654321'), 'the line of the address is not on the screen');
  await page.goto(`${addressOf(bench, 'gigabyte.txt')}#t2026-12-27T10:00:00`);
  await page.locator('.row.here', { hasText: '2026-12-27 10:00:00.000' }).waitFor();
  await page.getByRole('link', { name: 'End', exact: true }).first().click();
  await page.locator(`#L${gigabyteLines}.here`).waitFor();
  await page.close();
  await rm(fileIn(bench, 'gigabyte.txt'));
}

async function writeGigabyte(path: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const file = createWriteStream(path);
  for (let first = 1; first <= gigabyteLines; first += 10_000) {
    const part = Array.from({ length: 10_000 }, (_, index) => lineOf(first + index)).join('\n');
    if (!file.write(`${part}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

async function writeService(bench: Bench): Promise<void> {
  await mkdir(fileIn(bench, ''), { recursive: true });
  const lines = Array.from({ length: 3000 }, (_, index) => lineOf(index + 1));
  lines.splice(5, 0, 'Traceback (most recent call last):', `  File "${'deep/'.repeat(60)}x.py", line 1`);
  lines.splice(10, 0, '\u001b[01;31mred\u001b[0m and \u001b[32mgreen\u001b[0m');
  await writeFile(fileIn(bench, 'n-cpu.txt'), `${lines.join('\n')}\n`);
}

async function byKeyboard(bench: Bench): Promise<void> {
  await writeService(bench);
  await withPage(bench, addressOf(bench, 'n-cpu.txt'), async (page) => {
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    await page.locator('#L2.here').waitFor();
    ensure(page.url().endsWith('?line=2#L2'), `the address is ${page.url()}`);
    await page.keyboard.press('n');
    await page.locator('#L1001').waitFor();
    await page.keyboard.press('p');
    await page.locator('#L1').waitFor();
    await tabTo(page, 'select[name=level]:focus');
    await page.keyboard.type('ERROR');
    await tabTo(page, 'button:focus');
    await page.keyboard.press('Enter');
    await page.waitForURL(/level=ERROR/);
    const shown = await page.locator('.row .no').allInnerTexts();
    ensure(shown.slice(0, 4).join() === '5,6,7,9' || shown.length > 100, `it shows ${shown.slice(0, 9).join()}`);
    ensure((await page.locator('.row.DEBUG, .row.INFO').count()) === 0, 'other lines are there');
  });
  await withPage(bench, `${addressOf(bench, 'n-cpu.txt')}#L20-L22`, async (page) => {
    await until(async () => (await page.locator('.row.here').count()) === 3, 'the lines of the address are not marked');
    const colour = await page.evaluate('getComputedStyle(document.querySelector("#L11 .c1")).color');
    ensure(colour === 'rgb(255, 141, 147)', `red is ${String(colour)}`);
  });
}

async function isOnScreen(page: Page, selector: string): Promise<boolean> {
  const box = await page.locator(selector).boundingBox();
  return box !== null && box.y >= 0 && box.y < 900;
}

async function hostileLog(bench: Bench): Promise<void> {
  await mkdir(fileIn(bench, ''), { recursive: true });
  await writeFile(fileIn(bench, 'hostile.txt'), hostileLines.join('\n'));
  await withPage(bench, `${addressOf(bench, 'hostile.txt')}?find=${encodeURIComponent('<script>')}`, mustBeText);
  await withPage(bench, addressOf(bench, 'hostile.txt'), async (page) => {
    await mustBeText(page);
    const text = String(await page.locator('#log').textContent());
    for (const line of hostileLines.slice(0, 6)) ensure(text.includes(line), `${line} is not shown as it is`);
    ensure((await page.locator('#log .row').count()) === hostileLines.length, 'a line is missing');
  });
}

async function mustBeText(page: Page): Promise<void> {
  const alive = 'main :is(img, script, iframe, svg, b, meta, [onerror], [onfocus], [onload], [href^=javascript])';
  ensure((await page.locator(alive).count()) === 0, `a log became markup on ${page.url()}`);
  ensure((await page.title()) !== 'ran', 'a log ran script');
}

async function onPhone(bench: Bench): Promise<void> {
  await writeService(bench);
  for (const name of ['n-cpu.txt', 'hostile.txt'])
    for (const width of [360, 390])
      await withPage(bench, addressOf(bench, name), (page) => mustFit(page, width), width);
  const context = await bench.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${addressOf(bench, 'n-cpu.txt')}?line=1234#L1234`);
  ensure(await isOnScreen(page, '#L1234'), 'without script the line of the address is not on the screen');
  await page.getByRole('link', { name: 'Next', exact: true }).first().click();
  await page.locator('#L2001').waitFor();
  await context.close();
}
