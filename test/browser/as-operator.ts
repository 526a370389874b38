import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
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
