import { pushChange } from '../../lab/gerrit/push-change.ts';
import { developerPassword, exampleProject } from '../../src/demo/gerrit-seed.ts';
import type { Bench, Check } from './bench.ts';
import {
  brokenSubject,
  buildSeen,
  buildsSeen,
  ensure,
  goodSubject,
  openPage,
  save,
  seen,
  until,
  withPage,
} from './bench.ts';

/** What changes before the reader's eyes. They run in this order, beside the demo's own course. */
export const liveChecks: readonly Check[] = [
  { name: 'the console of a running build grows live', run: consoleGrows },
  { name: 'how far the tests are appears live', run: testsProgress },
  { name: 'both builds are shown side by side, each with its slot', run: bothRun },
  { name: 'both verdicts appear live', run: verdictsAppear },
  { name: 'the page of a build turns into its verdict, live', run: buildEnds },
  { name: 'failed tests come first, with their traceback', run: testsListed },
  { name: 'a recheck appears live and has a page of its own', run: recheckAppears },
  { name: 'what waits says what for', run: waitingSaysWhy },
];

const consoleLength = (page: Bench['status']) => page.locator('#console').evaluate((box) => box.textContent.length);

async function consoleGrows(bench: Bench): Promise<void> {
  const page = await openPage(bench, await buildSeen(bench, 'run', brokenSubject));
  bench.failing = page;
  await page.locator('#live[data-state=on]').waitFor();
  const before = await consoleLength(page);
  await until(async () => (await consoleLength(page)) > before, 'the console did not grow');
}

async function testsProgress(bench: Bench): Promise<void> {
  const page = failingPage(bench);
  await page.locator('.progress b', { hasText: / of \d+ tests/ }).waitFor();
  await save(bench, page, 'progress.png');
}

async function bothRun(bench: Bench): Promise<void> {
  await until(async () => {
    const { cards, slots } = await seen(bench.status);
    return cards >= 2 && slots >= 2;
  }, 'the two builds were not seen running at the same time');
}

async function verdictsAppear({ status }: Bench): Promise<void> {
  await status.locator('.finished tr', { hasText: goodSubject }).locator('.chip.ok').waitFor();
  await status.locator('.finished tr', { hasText: brokenSubject }).locator('.chip.bad').waitFor();
}

async function buildEnds(bench: Bench): Promise<void> {
  const page = failingPage(bench);
  await page.locator('.verdict.bad .chip', { hasText: 'Failure' }).waitFor();
  await page.locator('.message', { hasText: 'Build failed' }).waitFor();
  await page.locator('.vote.bad', { hasText: 'Verified −1' }).waitFor();
  for (const words of ['Boot', 'Clear slot', 'fetch', 'test', 'Judge'])
    await page.locator('.timeline li', { hasText: words }).first().waitFor();
  await page.locator('.files a', { hasText: 'testrepository.subunit' }).waitFor();
}

async function testsListed(bench: Bench): Promise<void> {
  const page = failingPage(bench);
  const list = page.locator('[sse-swap=tests] > *');
  await page.locator('.test.fail[open] pre').first().waitFor();
  const kinds = await list.evaluateAll((rows) => rows.map((row) => row.getAttribute('class') ?? ''));
  ensure(kinds.length > 2 && kinds[0] === 'test fail', `the tests are not listed failures first: ${kinds.join(', ')}`);
  ensure(kinds.lastIndexOf('test fail') < kinds.indexOf('fold'), 'a failed test comes after others');
  const details = await page.locator('.test.fail pre').first().innerText();
  ensure(/Error/.test(details) && /\n\s+at .*:\d+:\d+/.test(details), `this is no traceback: ${details}`);
  await page.locator('.fold summary').last().click();
  ensure((await page.locator('.fold[open] li').count()) > 0, 'the passed tests have no names');
  await page.locator('.fold summary').last().click();
  await page.mouse.move(0, 0);
  await save(bench, page, 'build.png', '.panel:has([sse-swap=tests])');
}

async function recheckAppears(bench: Bench): Promise<void> {
  const done = bench.status.locator('.finished tr', { hasText: goodSubject }).locator('.which .num');
  const change = Number((await done.innerText()).split(',')[0]);
  const [before] = await buildsSeen(bench, 'run', goodSubject, 1);
  await bench.demo.recheck(change);
  const again = (await buildsSeen(bench, 'run', goodSubject, 2)).find((url) => url !== before);
  ensure(again !== undefined, 'the recheck has no page');
  await withPage(bench, again, async (page) => {
    await page.locator('.verdict.run, .verdict.ok').waitFor();
    await page.locator('h1', { hasText: goodSubject }).waitFor();
  });
}

/** More changes than there are slots. The pictures of the README are taken here: everything is in them. */
async function waitingSaysWhy(bench: Bench): Promise<void> {
  await push(bench, 'Say which virtual server an error is about');
  await push(bench, 'Delete the network card with its virtual server');
  await until(
    async () => (await seen(bench.status)).waits.some((words) => words.includes('lpar1')),
    'nothing was said to wait for a slot on lpar1',
  );
  if (bench.saveScreenshots) await takePictures(bench);
}

async function takePictures(bench: Bench): Promise<void> {
  await bench.status.locator('.card:has(.track .now b:text("test"))').nth(1).waitFor();
  const phone = await openPage(bench, bench.demo.statusUrl, 390, 2);
  await phone.locator('#live[data-state=on]').waitFor();
  await save(bench, bench.status, 'status.png', '.panel:has([sse-swap=finished])');
  await save(bench, phone, 'phone.png');
  await phone.close();
}

export async function push(bench: Bench, subject: string): Promise<number> {
  const pushed = await pushChange({
    url: bench.demo.gerritUrl,
    username: 'dev',
    password: developerPassword,
    project: exampleProject,
    subject,
    files: { 'NOTES.md': `${subject}\n` },
  });
  return pushed.change;
}

function failingPage({ failing }: Bench): NonNullable<Bench['failing']> {
  ensure(failing !== undefined, 'the page of the failing build could not be opened');
  return failing;
}
