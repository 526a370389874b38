import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, Check } from './bench.ts';
import { buildSeen, ensure, seen, withPage } from './bench.ts';
import { push } from './live-checks.ts';

/** A subject nobody should write, on its way through everything that shows or handles it. */
export const hostileChecks: readonly Check[] = [
  { name: 'a hostile subject is text wherever the status page shows its build', run: onStatusPage },
  { name: 'a hostile subject is text on every other page', run: onOtherPages },
  { name: 'a hostile subject runs no command and writes no escapes to the terminal', run: elsewhere },
];

const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>';

function hostileSubject({ demo }: Bench): string {
  const file = join(demo.directory, 'touched');
  return `${markup} \u001b[31mred\u001b[0m \u202egnp.exe $(touch ${file}) \`touch ${file}\`; touch ${file} && "' {{7*7}}`;
}

/** What the pages make of it: every character that shows nothing or turns the text is spelled out. */
function asShown(subject: string): string {
  return subject.replaceAll('\u001b', '\\x1b').replaceAll('\u202e', '[U+202E]');
}

async function onStatusPage(bench: Bench): Promise<void> {
  const subject = hostileSubject(bench);
  bench.hostile = { subject, change: await push(bench, subject) };
  await buildSeen(bench, 'run', asShown(subject));
  const build = await buildSeen(bench, 'done', asShown(subject));
  // Among what was seen is its place in the queue, unless a slot became free in that moment.
  const id = build.split('/').at(-1) ?? '';
  const shown = Object.entries((await seen(bench.status)).titles).filter(([place]) => place.endsWith(id));
  ensure(
    shown.every(([, title]) => title === asShown(subject)),
    `it was also shown as ${JSON.stringify(shown)}`,
  );
  await bench.status.locator('.finished tr', { hasText: markup }).locator('.chip.ok').waitFor();
  await mustBeText(bench.status);
}

async function onOtherPages(bench: Bench): Promise<void> {
  const { statusUrl, gerritUrl } = bench.demo;
  const { change, subject } = bench.hostile ?? { change: 0, subject: '' };
  const build = await buildSeen(bench, 'done', asShown(subject));
  const ours = [`${statusUrl}/builds`, `${statusUrl}/builds?project=${encodeURIComponent(markup)}`, build];
  for (const url of ours) {
    await withPage(bench, url, async (page) => {
      await mustBeText(page);
      const text = String(await page.evaluate('document.body.textContent'));
      ensure(!['\u001b', '\u202e'].some((sign) => text.includes(sign)), `${url} lets control characters through`);
      ensure(url.includes('?') || text.includes(asShown(subject)), `${url} does not show the subject as it is written`);
    });
  }
  for (const url of [`${gerritUrl}/`, `${gerritUrl}/c/${change}`]) await withPage(bench, url, mustBeText);
}

async function mustBeText(page: Bench['status']): Promise<void> {
  const alive = 'img, main script, [onerror], iframe, body > script';
  ensure((await page.locator(alive).count()) === 0, `the subject became markup on ${page.url()}`);
  const shown = String(
    await page.evaluate('document.body.innerText + [...document.querySelectorAll("input")].map((one) => one.value)'),
  );
  ensure(shown.includes(markup), `the subject is missing on ${page.url()}`);
}

async function elsewhere({ demo }: Bench): Promise<void> {
  const touched = await access(join(demo.directory, 'touched')).then(
    () => true,
    () => false,
  );
  ensure(!touched, 'a shell ran what the subject says');
  ensure(demo.words().includes('onerror'), 'the demo did not tell of the change');
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const escape = /[^\n]*[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069][^\n]*/.exec(demo.words());
  ensure(escape === null, `the demo writes control characters: ${JSON.stringify(escape?.[0])}`);
}
