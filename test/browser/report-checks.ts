import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asOperator } from './as-operator.ts';
import { brokenSubject, buildSeen, ensure, until, withPage } from './bench.ts';
import type { Bench, Check } from './bench.ts';
import { mustFit, tabTo } from './page-checks.ts';

/** Reports of a job are stopped, a failure waits, and an operator lets go of it by keyboard. */
export const reportChecks: readonly Check[] = [
  { name: 'a job whose reports were stopped is shown with the reason', run: stopped },
  { name: 'a failure of it waits, and everybody sees what would be posted', run: waits },
  { name: 'the page of reports fits a phone when it is full', run: fitsPhone },
  { name: 'an operator decides by keyboard, and a stranger cannot', run: decide },
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const job = 'zvm-driver-tests';
const reason = 'the disk pool is being moved <b>today</b>';

async function stopped(bench: Bench): Promise<void> {
  const { demo } = bench;
  const config = join(demo.directory, 'sidegate.yaml');
  const words = ['report', 'stop', job, '--reason', reason, '--by', 'ada', '--config', config];
  await promisify(execFile)(process.execPath, ['src/main.ts', ...words], { cwd: root });
  await withPage(bench, `${demo.statusUrl}/reports`, async (page) => {
    const item = page.locator('.hold', { hasText: job });
    await item.locator('.chip.warn', { hasText: 'Stopped' }).waitFor();
    await item.locator('.which', { hasText: 'by ada' }).waitFor();
    ensure((await page.locator('.hold b', { hasText: 'today' }).count()) === 0, 'the reason became markup');
  });
}

async function waits(bench: Bench): Promise<void> {
  const build = await buildSeen(bench, 'done', brokenSubject);
  const answer = await fetch(build.replace('/build/', '/api/builds/'));
  const { tested } = (await answer.json()) as { tested: { number: number } };
  await bench.demo.recheck(tested.number);
  await withPage(bench, `${bench.demo.statusUrl}/reports`, async (page) => {
    const item = page.locator('.hold', { hasText: brokenSubject });
    await until(async () => {
      await page.reload();
      return (await item.count()) === 1;
    }, 'no report waits');
    await item.locator('summary').click();
    await item.locator('.message', { hasText: 'Build failed' }).waitFor();
    await page.locator('.summary', { hasText: '1 report waits for a person' }).waitFor();
  });
}

async function fitsPhone(bench: Bench): Promise<void> {
  for (const width of [360, 390])
    await withPage(bench, `${bench.demo.statusUrl}/reports`, (page) => mustFit(page, width), width);
}

async function decide(bench: Bench): Promise<void> {
  const url = `${bench.demo.statusUrl}/reports`;
  const answer = await fetch(`${url}/jobs/${job}/drop`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' },
    body: '',
  });
  ensure(answer.status === 401, `a stranger got ${answer.status}`);
  await asOperator(bench, async (page) => {
    await page.goto(url);
    await tabTo(page, `form[action="/reports/jobs/${job}/drop"] button:focus`);
    await page.keyboard.press('Enter');
    await page.locator('.empty', { hasText: 'No report waits' }).waitFor();
    ensure((await page.locator('.hold').count()) === 0, 'the job is still there');
  });
}
