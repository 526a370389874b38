import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Bench, Check } from './bench.ts';
import { brokenSubject, buildSeen, ensure, withPage } from './bench.ts';
import { mustFit, tabTo } from './page-checks.ts';

/** From a failed test into the logs, and text and tests over many builds. */
export const searchChecks: readonly Check[] = [
  { name: 'a failed test leads to its time in the log of a service, where its lines are marked', run: intoLogs },
  { name: 'a text is searched and its line opened by keyboard', run: byKeyboard },
  { name: 'a search shows text, whatever is asked and found', run: hostileSearch },
  { name: 'tests are found by a part of their name', run: findsTests },
  { name: 'searches fit a phone', run: onPhone },
  { name: 'a search works without script', run: withoutScript },
];

const request = 'req-20cb37c6-46f1-43d7-9d2a-3c235e71fc9c';
const evil = `"><img src=x onerror=alert(1)><script>document.title = 'ran'</script>`;
const service = 'controller/logs/screen-n-cpu.txt';

interface FailedBuild {
  readonly url: string;
  readonly logPath: string;
  readonly testResults: readonly {
    readonly id: string;
    readonly outcome: string;
    readonly startedAt?: number;
    readonly duration?: number;
  }[];
}

async function failedBuild(bench: Bench): Promise<FailedBuild> {
  const url = await buildSeen(bench, 'done', brokenSubject);
  const answer = await fetch(url.replace('/build/', '/api/builds/'));
  return { ...((await answer.json()) as FailedBuild), url };
}

/** As if nova had run on the test server: lines from a minute before the test until a minute after it. */
async function writeService(bench: Bench, { logPath, testResults }: FailedBuild): Promise<void> {
  const { duration = 0, startedAt } = testResults.find(({ outcome }) => outcome === 'failed') ?? {};
  ensure(startedAt !== undefined, 'the failed test does not say when it began');
  const times = [-60_000, -1, 0, duration, duration + 1, 60_000].map((offset) => new Date(startedAt + offset));
  const lines = times.map(
    (time) => `${time.toISOString().replace('T', ' ').slice(0, 23)} 1 ERROR nova [${request}] ${evil}`,
  );
  const path = join(bench.demo.directory, 'logs', logPath, service);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${lines.join('\n')}\n`);
}

async function intoLogs(bench: Bench): Promise<void> {
  const build = await failedBuild(bench);
  await writeService(bench, build);
  await withPage(bench, build.url, async (page) => {
    await tabTo(page, '.places a:focus');
    await page.locator('.places').first().getByRole('link', { name: 'n-cpu', exact: true }).first().click();
    await page.locator('#L3.here').waitFor();
    const marked = await page.locator('.row.within .no').allInnerTexts();
    ensure(marked[0] === '3' && !marked.includes('2') && !marked.includes('6'), `lines ${marked.join()} are marked`);
    await page.getByRole('link', { name: 'Search other runs' }).click();
    await page.waitForURL(/\/search\?job=/);
  });
}

const resultsOf = (page: Page) => page.locator('#results[data-state=done]');

async function byKeyboard(bench: Bench): Promise<void> {
  await withPage(bench, bench.demo.statusUrl, async (page) => {
    await page.getByRole('link', { name: 'Search', exact: true }).press('Enter');
    await tabTo(page, '#s-text:focus');
    await page.keyboard.type(request);
    await page.keyboard.press('Enter');
    await resultsOf(page).waitFor();
    ensure(
      (await page.locator('.shares .chip.bad').innerText()).includes('in 1 of '),
      'it is not in one build that failed',
    );
    ensure((await page.locator('.shares .chip.ok').innerText()).includes('in 0 of '), 'it is in a build that passed');
    await tabTo(page, '.hint summary:focus');
    await page.keyboard.press('Enter');
    await page.locator('.hint pre', { hasText: request }).waitFor();
    await page.locator('.hits a').nth(1).focus();
    await page.keyboard.press('Enter');
    await page.locator('#L2.here', { hasText: request }).waitFor();
  });
}

async function hostileSearch(bench: Bench): Promise<void> {
  const { statusUrl } = bench.demo;
  for (const asked of [
    { text: evil },
    { text: 'onerror=alert.1.', regex: '1' },
    { test: evil },
    { text: evil, job: evil, branch: evil },
  ])
    await withPage(bench, `${statusUrl}/search?${new URLSearchParams(asked).toString()}`, async (page) => {
      await page.locator('main h2').first().waitFor();
      ensure((await page.locator('main :is(img, script, [onerror])').count()) === 0, `markup on ${page.url()}`);
      ensure((await page.title()) !== 'ran', 'a search ran script');
      if ('branch' in asked || 'test' in asked) return;
      await resultsOf(page).waitFor();
      ensure(
        (await page.locator('.hits').allTextContents()).some((hits) => hits.includes(evil)),
        'the line is not shown as it is',
      );
    });
}

async function findsTests(bench: Bench): Promise<void> {
  const { testResults } = await failedBuild(bench);
  const { id = '' } = testResults.find(({ outcome }) => outcome === 'failed') ?? {};
  const method = id.replace(/\[.*/, '').split('.').at(-1) ?? '';
  const query = new URLSearchParams({ test: method.toUpperCase() }).toString();
  await withPage(bench, `${bench.demo.statusUrl}/search?${query}`, async (page) => {
    const row = page.locator('.found-tests tbody tr', { hasText: method }).first();
    ensure(/\d+ %/.test(await row.innerText()), 'the pass rate is missing');
    await row.getByRole('link').first().click();
    await page.locator('.strip').waitFor();
  });
}

async function onPhone(bench: Bench): Promise<void> {
  const { statusUrl } = bench.demo;
  const { url } = await failedBuild(bench);
  const searches = [{}, { text: request }, { test: 'test_' }].map(
    (asked) => `/search?${new URLSearchParams(asked).toString()}`,
  );
  for (const width of [360, 390])
    for (const address of [...searches.map((path) => statusUrl + path), url])
      await withPage(bench, address, (page) => mustFit(page, width), width);
}

async function withoutScript(bench: Bench): Promise<void> {
  const context = await bench.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${bench.demo.statusUrl}/search`);
  await page.locator('#s-text').fill('Totals');
  await page.getByRole('button', { name: 'Search' }).click();
  await resultsOf(page).waitFor();
  ensure((await page.locator('.hits a').count()) > 0, 'nothing is found');
  await context.close();
}
