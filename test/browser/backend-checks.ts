import { asOperator, refusesStranger } from './as-operator.ts';
import type { Bench, Check } from './bench.ts';
import { buildSeen, ensure, seen, until, withPage } from './bench.ts';
import { push } from './live-checks.ts';

/** A back end is taken out of use and back, by forms that work without script; meanwhile everybody sees it. */
export const backendChecks: readonly Check[] = [
  { name: 'the page of back ends shows slots, workers and guards', run: slotsShown },
  { name: 'a stranger cannot take a back end out of use', run: strangerRefused },
  { name: 'an operator takes a back end out of use, which everybody sees live', run: drain },
  { name: 'a build that waits for it is told by whom and why', run: waitsForIt },
  { name: 'an operator takes it back into use, and the build runs', run: resume },
];

const subject = 'Wait for a z/VM that is out of use';
const reason = 'new disks in the pool <b>until noon</b>';

async function slotsShown(bench: Bench): Promise<void> {
  await withPage(bench, `${bench.demo.statusUrl}/backends`, async (page) => {
    const slots = page.locator('#backend-lpar1 tr.slot');
    await slots.nth(1).waitFor();
    ensure((await slots.count()) === 2, 'lpar1 does not show its two slots');
    await page.locator('#backend-lpar1 .chip.ok', { hasText: 'Healthy' }).waitFor();
  });
  await bench.status.locator('[sse-swap=backends] a', { hasText: 'lpar1' }).waitFor();
}

function strangerRefused(bench: Bench): Promise<void> {
  return refusesStranger(bench, '/backends/lpar1/drain');
}

async function drain(bench: Bench): Promise<void> {
  await withPage(bench, `${bench.demo.statusUrl}/backends`, async (watching) => {
    await watching.locator('#live[data-state=on]').waitFor();
    await asOperator(bench, async (page) => {
      await page.goto(`${bench.demo.statusUrl}/backends`);
      await page.getByRole('link', { name: 'Take out of use' }).click();
      await page.getByLabel('Reason').fill('   ');
      await page.getByRole('button', { name: 'Take it out of use' }).click();
      await page.locator('.problem', { hasText: 'for what reason' }).waitFor();
      await page.getByLabel('Reason').fill(reason);
      await page.getByRole('button', { name: 'Take it out of use' }).click();
      await page.waitForURL(/\/backends#backend-lpar1/);
    });
    await watching.locator('#backend-lpar1 .closed.warn', { hasText: `by ada` }).waitFor();
    ensure((await watching.locator('.closed b', { hasText: 'noon' }).count()) === 0, 'the reason became markup');
  });
  const picture = bench.status.locator('[sse-swap=backends] .machine', { hasText: reason });
  await picture.locator('.chip', { hasText: 'Drained' }).waitFor();
  await until(async () => {
    const text = await (await fetch(`${bench.demo.statusUrl}/metrics`)).text();
    return text.includes('sidegate_backend_closed{backend="lpar1",reason="drained"} 1\n');
  }, 'the metrics do not tell that lpar1 is drained');
}

async function waitsForIt(bench: Bench): Promise<void> {
  await push(bench, subject);
  await until(
    async () => (await seen(bench.status)).waits.some((words) => words.includes(`taken out of use by ada: ${reason}`)),
    'the build that waits is not told of the reason',
  );
}

async function resume(bench: Bench): Promise<void> {
  await withPage(bench, `${bench.demo.statusUrl}/backends`, async (watching) => {
    await watching.locator('#live[data-state=on]').waitFor();
    await asOperator(bench, async (page) => {
      await page.goto(`${bench.demo.statusUrl}/backends/lpar1/drain`);
      await page.goto(`${bench.demo.statusUrl}/backends`);
      await page.getByRole('button', { name: 'Take back into use' }).click();
      await page.waitForURL(/\/backends#backend-lpar1/);
    });
    await watching.locator('#backend-lpar1 .chip.ok', { hasText: 'Healthy' }).waitFor();
    const slot = watching.locator('#backend-lpar1 tr.slot.leased').first();
    await slot.locator('.slot-guard', { hasText: /^http:\/\/127\.0\.0\.1:\d+$/ }).waitFor();
  });
  await buildSeen(bench, 'run', subject);
}
