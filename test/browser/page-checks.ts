import type { Bench, Check } from './bench.ts';
import { brokenSubject, buildSeen, ensure, goodSubject, until, withPage } from './bench.ts';

/** What holds on every page at any time. */
export const pageChecks: readonly Check[] = [
  { name: 'nothing is wider than a phone', run: fitsPhone },
  { name: 'the pages can be used by keyboard', run: byKeyboard },
  { name: 'the pages tell the same without script', run: withoutScript },
  { name: 'no page was reloaded to show all this', run: noReload },
  { name: 'no page complained', run: noComplaints },
];

const phoneWidths = [360, 390];

async function fitsPhone(bench: Bench): Promise<void> {
  const { statusUrl } = bench.demo;
  const build = await buildSeen(bench, 'done', brokenSubject);
  const { logPath } = (await (await fetch(build.replace('/build/', '/api/builds/'))).json()) as { logPath: string };
  const strange = Object.entries(await titles(bench)).find(([, title]) => title.includes('<script>'))?.[0] ?? '';
  const paths = [
    '/',
    '/builds',
    '/images',
    '/holds',
    '/backends',
    '/reports',
    '/test?id=zvm.tests.test_guest.TestGuest.test_config_drive_goes_with_its_guest',
    '/logs/',
    `/logs/${logPath}`,
    `/build/${strange.replace(/^\w+-/, '')}`,
  ];
  for (const width of phoneWidths) {
    for (const url of [...paths.map((path) => statusUrl + path), build]) {
      await withPage(bench, url, (page) => mustFit(page, width), width);
    }
  }
}

async function titles(bench: Bench): Promise<Readonly<Record<string, string>>> {
  return (await bench.status.evaluate('window.seen.titles')) as Readonly<Record<string, string>>;
}

export async function mustFit(page: Bench['status'], width: number): Promise<void> {
  const wide = await page.evaluate('document.documentElement.scrollWidth');
  ensure(wide === width, `${page.url()} is ${String(wide)} pixels wide on a phone of ${width}`);
}

async function byKeyboard(bench: Bench): Promise<void> {
  await withPage(bench, bench.demo.statusUrl, async (page) => {
    await page.keyboard.press('Tab');
    ensure((await page.locator('.skip:focus').count()) === 1, 'the first stop is not the skip link');
    await page.keyboard.press('Enter');
    await tabTo(page, 'main a.title:focus');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    ensure(outline === 'solid', 'the focus cannot be seen');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/build\//);
  });
  await withPage(bench, await buildSeen(bench, 'done', brokenSubject), async (page) => {
    await tabTo(page, '.fold summary:focus');
    await page.keyboard.press('Enter');
    await page.locator('.fold[open] li').first().waitFor();
    await tabTo(page, '#console:focus');
    await page.keyboard.press('Home');
    await until(async () => (await page.locator('#console').evaluate((box) => box.scrollTop)) === 0, 'it stays');
  });
}

export async function tabTo(page: Bench['status'], selector: string): Promise<void> {
  for (let stops = 0; stops < 60; stops += 1) {
    if ((await page.locator(selector).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

async function withoutScript(bench: Bench): Promise<void> {
  const context = await bench.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(bench.demo.statusUrl);
  await page.locator('.finished tr', { hasText: goodSubject }).locator('.chip.ok').first().waitFor();
  await page.goto(await buildSeen(bench, 'done', brokenSubject));
  ensure((await page.locator('#console').innerText()).includes('Totals'), 'the console is missing');
  ensure((await page.locator('.test.fail').count()) > 0, 'the failed tests are missing');
  await page.goto(`${bench.demo.statusUrl}/holds`);
  await page.locator('.hold', { hasText: 'look at the console' }).first().waitFor();
  await context.close();
}

/** A reload, or a lost page, would have begun a new record. */
async function noReload(bench: Bench): Promise<void> {
  for (const page of [bench.status, bench.failing]) {
    const loads = await page?.evaluate('performance.getEntriesByType("navigation").map((one) => one.type).join()');
    ensure(loads === 'navigate', `a page was loaded again: ${String(loads)}`);
  }
  const seenFromTheStart = Object.keys(await titles(bench)).filter((id) => id.startsWith('run-')).length;
  ensure(seenFromTheStart >= 5, `the status page remembers only ${seenFromTheStart} running builds`);
}

async function noComplaints(bench: Bench): Promise<void> {
  ensure(bench.complaints.length === 0, bench.complaints.join('\n'));
}
