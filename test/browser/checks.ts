import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { serve } from '../web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../web/status-fixture.ts';
import type { Demo } from './start-demo.ts';

export interface Bench {
  readonly browser: Browser;
  readonly demo: Demo;
  readonly saveScreenshots: boolean;
  /** What any page complained about. */
  readonly complaints: string[];
  /** The status page, opened once and never reloaded. */
  readonly status: Page;
  /** Loads of the status page. */
  readonly loads: () => number;
}

export interface Check {
  readonly name: string;
  run(bench: Bench): Promise<void>;
}

const appears = { timeout: 180_000 };
const images = fileURLToPath(new URL('../../docs/images', import.meta.url));

export const checks: readonly Check[] = [
  { name: 'the status page shows both builds running without a reload', run: bothRun },
  { name: 'the console of a running build grows live', run: consoleGrows },
  { name: 'both verdicts appear live, without a reload', run: verdictsAppear },
  { name: 'a build page lists its tests, failed ones first and open', run: testsListed },
  { name: 'nothing is wider than a phone', run: fitsPhone },
  { name: 'a hostile subject is shown as text', run: hostileSubject },
  { name: 'the pages can be used by keyboard', run: byKeyboard },
  { name: 'the pages tell the same without script', run: withoutScript },
  { name: 'no page complained', run: noComplaints },
];

export async function openPage(bench: Pick<Bench, 'browser' | 'complaints'>, url: string, width = 1280): Promise<Page> {
  const page = await bench.browser.newPage({ viewport: { width, height: 900 } });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      bench.complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => bench.complaints.push(`${page.url()}: ${error.message}`));
  page.on('dialog', (dialog) => bench.complaints.push(`${page.url()}: a dialog ${dialog.message()}`));
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return page;
}

async function bothRun(bench: Bench): Promise<void> {
  await bench.status.locator('.card.build').nth(1).waitFor(appears);
  await bench.status.locator('.bay.leased').nth(1).waitFor(appears);
  await save(bench, bench.status, 'status.png');
  ensure(bench.loads() === 1, `the status page was loaded ${bench.loads()} times`);
}

async function consoleGrows(bench: Bench): Promise<void> {
  const page = await openPage(bench, await firstLink(bench.status, '.card.build a'));
  const length = () => page.locator('#console').evaluate((box) => box.textContent?.length ?? 0);
  const before = await length();
  await until(async () => (await length()) > before, 'the console did not grow');
  await page.close();
}

async function verdictsAppear(bench: Bench): Promise<void> {
  await bench.status.locator('.finished .chip.ok').first().waitFor(appears);
  await bench.status.locator('.finished .chip.bad').first().waitFor(appears);
  ensure(bench.loads() === 1, `the status page was loaded ${bench.loads()} times`);
}

async function testsListed(bench: Bench): Promise<void> {
  const page = await openPage(bench, await firstLink(bench.status, '.finished tr:has(.chip.bad) a'));
  await page.locator('.test.fail[open] pre').first().waitFor();
  ensure((await page.locator('.fold summary').count()) > 0, 'the passed tests are not listed');
  await page.locator('.fold summary').last().click();
  ensure((await page.locator('.fold[open] li').count()) > 0, 'the passed tests have no names');
  await page.locator('.fold summary').last().click();
  await save(bench, page, 'build.png');
  await page.close();
}

async function fitsPhone(bench: Bench): Promise<void> {
  const build = await firstLink(bench.status, '.finished tr:has(.chip.bad) a');
  for (const url of [bench.demo.statusUrl, build, `${bench.demo.statusUrl}/builds`, `${bench.demo.statusUrl}/logs/`]) {
    const page = await openPage(bench, url, 360);
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    ensure(wide === 360, `${url} is ${String(wide)} pixels wide on a phone of 360`);
    if (url === bench.demo.statusUrl) await save(bench, page, 'phone.png');
    await page.close();
  }
}

/** Our own server with a subject nobody should write: first in the page, then brought by the event stream. */
async function hostileSubject(bench: Bench): Promise<void> {
  const subject = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  const { patchset } = plainBuild({ id: '' });
  const evil = (id: string) => plainBuild({ id, state: 'running', step: 'run', patchset: { ...patchset, subject } });
  const first = evil('0a1b2c3d-1111-4222-8333-444455556666');
  const status = createPlainStatus(plainOverview({ running: [first] }), [first]);
  const served = await serve(status);
  try {
    const page = await openPage(bench, served.url);
    await page.locator('#live[data-state=on]').waitFor();
    status.view = plainOverview({ running: [first, evil('1a1b2c3d-1111-4222-8333-444455556666')] });
    status.changed();
    await page.locator('.card .subject').nth(1).waitFor();
    ensure(
      (await page.locator('.card .subject').allTextContents()).every((text) => text === subject),
      'the subject is not shown as written',
    );
    ensure((await page.locator('img, main script').count()) === 0, 'the subject became markup');
    await page.close();
  } finally {
    await served.stop();
  }
}

async function byKeyboard(bench: Bench): Promise<void> {
  const page = await openPage(bench, bench.demo.statusUrl);
  await page.keyboard.press('Tab');
  ensure((await page.locator('.skip:focus').count()) === 1, 'the first stop is not the skip link');
  await page.keyboard.press('Enter');
  for (let stops = 0; stops < 40 && (await page.locator('main a:focus').count()) === 0; stops += 1)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/build\//);
  await page.close();
}

async function withoutScript(bench: Bench): Promise<void> {
  const context = await bench.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(bench.demo.statusUrl);
  ensure((await page.locator('.finished .chip').count()) > 1, 'the verdicts are missing');
  await context.close();
}

async function noComplaints(bench: Bench): Promise<void> {
  ensure(bench.complaints.length === 0, bench.complaints.join('\n'));
}

async function firstLink(page: Page, selector: string): Promise<string> {
  const path = await page.locator(selector).first().getAttribute('href', { timeout: appears.timeout });
  return new URL(path ?? '', page.url()).href;
}

async function save(bench: Bench, page: Page, name: string): Promise<void> {
  if (!bench.saveScreenshots) return;
  await mkdir(images, { recursive: true });
  await page.screenshot({ path: `${images}/${name}`, fullPage: name !== 'phone.png' });
}

async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    ensure(Date.now() < end, otherwise);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function ensure(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
