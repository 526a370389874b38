import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createScrubDigest } from '../adapters/logs/scrub-digest.ts';
import { scrubFile } from '../adapters/logs/scrub-file.ts';
import { loadConfiguration } from '../config/load.ts';
import { knownSecrets } from '../config/scrub.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { Hidden } from '../domain/scrub/rule.ts';
import { createScrubLines } from '../domain/scrub/scrubber.ts';
import type { ScrubLines } from '../domain/scrub/scrubber.ts';
import { createScrubStream } from '../domain/scrub/stream.ts';

/** Larger files are read as text, part by part. Artifacts are never larger. */
const maxWhole = 64 * 1024 * 1024;

export interface ScrubOptions {
  readonly config: string;
  readonly json?: true;
}

/** `sidegate scrub --dry-run`: says how much each rule would hide in files and folders, and never what. */
export async function scrubDryRun(paths: readonly string[], options: ScrubOptions): Promise<void> {
  const configuration = await loadConfiguration(options.config, process.env);
  const digest = createScrubDigest(randomUUID());
  const scrub = createScrubLines(configuration.logs.scrub, knownSecrets(configuration), digest);
  const total: Hidden = new Map();
  let files = 0;
  for await (const path of filesIn(paths)) {
    const hidden = await hiddenIn(path, scrub);
    files += 1;
    for (const [rule, count] of hidden) total.set(rule, (total.get(rule) ?? 0) + count);
    if (options.json) console.log(JSON.stringify({ path, hidden: Object.fromEntries(hidden) }));
    else if (hidden.size > 0) console.log(`${oneLine(path, 1000)}: ${countsOf(hidden)}`);
  }
  const summary = `${files} ${files === 1 ? 'file' : 'files'}: ${total.size === 0 ? 'nothing to hide' : countsOf(total)}`;
  // With --json, standard output is JSON only.
  if (options.json) console.error(summary);
  else console.log(summary);
}

function countsOf(hidden: Hidden): string {
  return [...hidden].map(([rule, count]) => `${rule} ${count}`).join(', ');
}

async function* filesIn(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) {
    const stats = await lstat(path);
    if (stats.isFile()) yield path;
    if (stats.isDirectory()) yield* filesIn((await readdir(path)).toSorted().map((name) => join(path, name)));
  }
}

async function hiddenIn(path: string, scrub: ScrubLines): Promise<Hidden> {
  const { size } = await lstat(path);
  if (size <= maxWhole) {
    const hidden: Hidden = new Map();
    await scrubFile(await readFile(path), scrub, hidden);
    return hidden;
  }
  const stream = createScrubStream(scrub);
  for await (const part of createReadStream(path, { encoding: 'latin1', highWaterMark: 256 * 1024 }))
    stream.push(String(part));
  stream.end();
  return stream.hidden;
}
