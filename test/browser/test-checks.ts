import { serve } from '../web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../web/status-fixture.ts';
import type { TestResult } from '../../src/domain/test-result.ts';
import type { Bench, Check } from './bench.ts';
import { ensure, withPage } from './bench.ts';
import { mustFit, tabTo } from './page-checks.ts';

/** The pages of tests. The demo has a dozen; here are those of a full run of tempest, on the real server over a plain store. */
export const testChecks: readonly Check[] = [
  { name: '5,000 tests open and fit, on a phone too', run: manyTests },
  { name: 'tests are filtered by keyboard, and without script', run: filtered },
];

const phone = 390;
const buildId = '0a1b2c3d-1111-4222-8333-444455556666';

const results: readonly TestResult[] = Array.from({ length: 5000 }, (_, index) => ({
  id: `tempest.api.compute.servers.test_module_${index % 90}.ServersTestJSON_${index % 90}.test_case_${index}[id-${index}]`,
  outcome: index % 50 === 7 ? 'skipped' : index === 1234 || index === 4321 ? 'failed' : 'passed',
  ...(index === 1234 && { again: 'passed' as const }),
  duration: 1000 + index,
  tags: [],
  details:
    index === 1234 || index === 4321
      ? `Traceback\n  File "<script>alert(1)</script>"\nAssertionError: case ${index}`
      : '',
}));

async function withTests(use: (url: string) => Promise<void>): Promise<void> {
  const tests = { passed: 4898, failed: 2, skipped: 100 };
  const build = plainBuild({ id: buildId, state: 'done', result: 'FAILURE', tests, testResults: results });
  const served = await serve(createPlainStatus(plainOverview(), [build]));
  try {
    await use(`${served.url}/build/${buildId}`);
  } finally {
    await served.stop();
  }
}

async function manyTests(bench: Bench): Promise<void> {
  await withTests(async (url) => {
    for (const width of [1280, phone]) {
      for (const [address, last] of [
        [url, '.to-all-tests a'],
        [`${url}/tests`, '.all-tests li:last-child'],
      ] as const) {
        await withPage(
          bench,
          address,
          async (page) => {
            await page.locator(last).waitFor({ state: 'attached' });
            await mustFit(page, width);
          },
          width,
        );
      }
    }
  });
}

async function filtered(bench: Bench): Promise<void> {
  await withTests(async (url) => {
    await withPage(
      bench,
      `${url}/tests`,
      async (page) => {
        ensure((await page.locator('.all-tests li').count()) === 5000, 'not all tests are there');
        await tabTo(page, '#f-outcome:focus');
        // Chromium chooses by the letters of an option.
        await page.keyboard.type('failed');
        await tabTo(page, '#f-text:focus');
        await page.keyboard.type('CASE_4321');
        await page.keyboard.press('Enter');
        await page.waitForURL(/outcome=failed&text=CASE_4321/);
        await page.locator('.all-tests li', { hasText: 'AssertionError: case 4321' }).waitFor();
        ensure((await page.locator('.all-tests li').count()) === 1, 'the filter lets others through');
        await mustFit(page, phone);
      },
      phone,
    );
    const context = await bench.browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${url}/tests`);
    await page.locator('#f-outcome').selectOption('again');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.locator('.all-tests li', { hasText: 'Failed, passed when run again' }).waitFor();
    await context.close();
  });
}
