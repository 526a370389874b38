import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ensure } from './bench.ts';
import type { Bench } from './bench.ts';

/** A page of somebody who knows the operators' password, for the time of `use`; the forms work without script. */
export async function asOperator(bench: Bench, use: (page: Page) => Promise<void>): Promise<void> {
  const password = (await readFile(join(bench.demo.directory, 'operator-password'), 'utf8')).trim();
  const context = await bench.browser.newContext({
    httpCredentials: { username: 'ada', password },
    javaScriptEnabled: false,
  });
  await use(await context.newPage());
  await context.close();
}

/** Who does not know the password gets nothing of the page at `path`. */
export async function refusesStranger({ browser, demo }: Bench, path: string): Promise<void> {
  const context = await browser.newContext({ httpCredentials: { username: 'eve', password: 'not the password' } });
  const page = await context.newPage();
  const answer = await page.goto(demo.statusUrl + path);
  ensure(answer?.status() === 401, `a stranger got ${String(answer?.status())}`);
  await context.close();
}
