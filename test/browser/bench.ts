import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Demo } from './start-demo.ts';

export interface Bench {
  readonly browser: Browser;
  readonly demo: Demo;
  readonly saveScreenshots: boolean;
  /** What any page complained about. */
  readonly complaints: string[];
  /** The status page, opened once, before anything ran, and never reloaded. */
  readonly status: Page;
  /** The page of the build that fails, opened while it runs and never reloaded. */
  failing?: Page;
  /** What `pushHostile` pushed. */
  hostile?: { readonly change: number; readonly subject: string };
}

export interface Check {
  readonly name: string;
  run(bench: Bench): Promise<void>;
}

/** Subjects of the two changes of the sample. */
export const goodSubject = 'Show the console of a virtual server';
export const brokenSubject = 'Do not start a virtual server twice';

/** How long anything may take on a slow and busy machine (ms). */
const patience = 120_000;
const images = fileURLToPath(new URL('../../docs/images', import.meta.url));

/**
 * Remembers all that a live page ever showed: what is looked for may have come and gone while the test was busy elsewhere.
 * It is gone after a reload, so whoever finds it full knows that there was none.
 */
const recorder = `(() => {
  const seen = { cards: 0, slots: 0, waits: [], titles: {} };
  window.seen = seen;
  const look = () => {
    seen.cards = Math.max(seen.cards, document.querySelectorAll('.card.build').length);
    seen.slots = Math.max(seen.slots, document.querySelectorAll('.bay.leased').length);
    for (const cell of document.querySelectorAll('.waits'))
      if (!seen.waits.includes(cell.textContent)) seen.waits.push(cell.textContent);
    for (const link of document.querySelectorAll('a.title')) seen.titles[link.id] = link.textContent.trim();
  };
  document.addEventListener('DOMContentLoaded', () => {
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
})();`;

export interface Seen {
  /** Most at the same time. */
  readonly cards: number;
  readonly slots: number;
  /** All reasons why builds waited. */
  readonly waits: readonly string[];
  /** `run-ID`, `wait-ID` or `done-ID` to the subject shown there. */
  readonly titles: Readonly<Record<string, string>>;
}

export async function seen(page: Page): Promise<Seen> {
  return (await page.evaluate('window.seen')) as Seen;
}

/** Waits until the status page has shown a build of this subject in this place; gives the build's address. */
export async function buildSeen(bench: Bench, place: 'run' | 'wait' | 'done', subject: string): Promise<string> {
  return (await buildsSeen(bench, place, subject, 1))[0] ?? '';
}

export async function buildsSeen(bench: Bench, place: string, subject: string, count: number): Promise<string[]> {
  let found: string[] = [];
  await until(
    async () => {
      const titles = Object.entries((await seen(bench.status)).titles);
      found = titles.filter(([id, title]) => id.startsWith(`${place}-`) && title === subject).map(([id]) => id);
      return found.length >= count;
    },
    `the status page never showed ${count} of ${JSON.stringify(subject)} as "${place}"`,
  );
  return found.map((id) => `${bench.demo.statusUrl}/build/${id.slice(place.length + 1)}`);
}

export async function openPage(
  bench: Pick<Bench, 'browser' | 'complaints'>,
  url: string,
  width = 1280,
  scale = 1,
): Promise<Page> {
  const height = width < 600 ? 844 : 900;
  const page = await bench.browser.newPage({ viewport: { width, height }, deviceScaleFactor: scale });
  page.setDefaultTimeout(patience);
  await page.addInitScript(recorder);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      bench.complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => bench.complaints.push(`${page.url()}: ${error.message}`));
  page.on('dialog', (dialog) => {
    bench.complaints.push(`${page.url()}: a dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url, { waitUntil: 'load' });
  return page;
}

/** A page for the time of `use`. */
export async function withPage(
  bench: Bench,
  url: string,
  use: (page: Page) => Promise<void>,
  width?: number,
): Promise<void> {
  const page = await openPage(bench, url, width);
  await use(page);
  await page.close();
}

/** The screen, or the page down to the end of `last`. */
export async function save(bench: Bench, page: Page, name: string, last?: string): Promise<void> {
  if (!bench.saveScreenshots) return;
  await mkdir(images, { recursive: true });
  const options = { path: `${images}/${name}`, animations: 'disabled' } as const;
  await page.evaluate('scrollTo(0, 0)');
  const box = last === undefined ? null : await page.locator(last).boundingBox();
  if (box === null) await page.screenshot(options);
  else
    await page.screenshot({
      ...options,
      fullPage: true,
      clip: { x: 0, y: 0, width: 1280, height: box.y + box.height + 20 },
    });
}

export async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  const end = Date.now() + patience;
  while (!(await holds())) {
    ensure(Date.now() < end, otherwise);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function ensure(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
