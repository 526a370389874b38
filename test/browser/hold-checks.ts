import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';
import { asOperator, refusesStranger } from './as-operator.ts';
import type { Bench, Check } from './bench.ts';
import { buildsSeen, ensure, until, withPage } from './bench.ts';
import { push } from './live-checks.ts';

/** A server is held and let go, by forms that work without script; meanwhile everybody sees it. */
export const holdChecks: readonly Check[] = [
  { name: 'the status page shows the cloud with its quotas', run: cloudShown },
  { name: 'a stranger cannot hold a server', run: strangerRefused },
  { name: 'an operator holds the server of a build, which everybody sees live', run: hold },
  { name: 'the metrics tell of it', run: metricsTell },
  { name: 'an operator lets the server go, which everybody sees live', run: letGo },
];

const subject = 'Look at the console of a held server';
const reason = 'look at the console <b>now</b>';

async function cloudShown({ status }: Bench): Promise<void> {
  const cloud = status.locator('[sse-swap=clouds] .machine').first();
  await cloud.locator('.chip.ok', { hasText: 'Healthy' }).waitFor();
  for (const words of ['Servers', 'Cores', 'Memory GiB', 'Ports'])
    await cloud.locator('.quotas li', { hasText: words }).waitFor();
  await cloud.locator('.looked', { hasText: 'looked at' }).waitFor();
}

function strangerRefused(bench: Bench): Promise<void> {
  return refusesStranger(bench, '/holds/new');
}

async function hold(bench: Bench): Promise<void> {
  await withPage(bench, `${bench.demo.statusUrl}/holds`, async (seen) => {
    await seen.locator('#live[data-state=on]').waitFor();
    await push(bench, subject);
    const [build = ''] = await buildsSeen(bench, 'run', subject, 1);
    await asOperator(bench, async (page) => {
      await page.goto(build);
      await page.getByRole('link', { name: 'Hold this server' }).click();
      await page.getByLabel('Reason').fill(reason);
      await page.getByLabel('SSH public key').fill('ssh-ed25519 nonsense');
      await page.getByRole('button', { name: 'Hold it' }).click();
      await page.locator('.problem', { hasText: 'the SSH key' }).waitFor();
      await page.getByLabel('SSH public key').fill(generateSshKey('ada@example.com').publicKey);
      await page.getByRole('button', { name: 'Hold it' }).click();
      await page.waitForURL(/\/holds#hold-/);
    });
    await seen.locator('[sse-swap=wishes] .hold, [sse-swap=held] .hold', { hasText: reason }).waitFor();
    await seen.locator('[sse-swap=held] .hold', { hasText: reason }).locator('.command', { hasText: 'ssh ' }).waitFor();
    ensure((await seen.locator('.hold b', { hasText: 'now' }).count()) === 0, 'the reason became markup');
  });
  const shown = bench.status.locator('[sse-swap=servers] li', { hasText: 'ada' });
  await shown.locator('.chip', { hasText: 'held' }).waitFor();
  await bench.status.locator('.summary', { hasText: '1 server held' }).waitFor();
}

async function metricsTell({ demo }: Bench): Promise<void> {
  await until(async () => {
    const text = await (await fetch(`${demo.statusUrl}/metrics`)).text();
    return (
      text.includes('sidegate_holds{state="holding"} 1\n') && /sidegate_servers\{[^}]*state="held"\} 1\n/.test(text)
    );
  }, 'the metrics know of no held server');
}

async function letGo(bench: Bench): Promise<void> {
  await withPage(bench, `${bench.demo.statusUrl}/holds`, async (seen) => {
    await seen.locator('#live[data-state=on]').waitFor();
    await asOperator(bench, async (page) => {
      await page.goto(`${bench.demo.statusUrl}/holds/new`);
      await page.goto(`${bench.demo.statusUrl}/holds`);
      const item = page.locator('[sse-swap=held] .hold', { hasText: reason });
      await item.locator('summary').click();
      await item.getByRole('button', { name: 'Delete this server now' }).click();
      await page.locator('[sse-swap=past] .hold', { hasText: 'ended by ada' }).waitFor();
    });
    await seen.locator('[sse-swap=past] .hold', { hasText: reason }).waitFor();
  });
  await until(
    async () => !(await bench.status.locator('.summary').innerText()).includes('held'),
    'the status page still says that a server is held',
  );
}
