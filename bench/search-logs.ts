import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { createDirectoryArchive } from '../src/adapters/logs/directory-archive.ts';
import { createSearchDesk } from '../src/web/search-desk.ts';
import { parseSearch } from '../src/web/search-query.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../test/web/status-fixture.ts';
import type { Figure } from './benchmark.ts';

const plainBuilds = 40;
const packedBuilds = 10;

/** As a reader of `/search` has it: with the rests in which other work goes on. */
export async function searching(directory: string, text: Buffer): Promise<readonly Figure[]> {
  const archive = createDirectoryArchive(directory);
  const status = createPlainStatus(plainOverview());
  const packed = gzipSync(text);
  for (let number = 1; number <= plainBuilds + packedBuilds; number += 1) {
    const isPacked = number > plainBuilds;
    const id = `${String(number).padStart(8, '0')}-1`;
    const build = plainBuild({ id, state: 'done', result: 'FAILURE', job: isPacked ? 'packed' : 'plain' });
    status.details.set(id, build);
    await archive.write(build.logPath + (isPacked ? 'log.txt.gz' : 'log.txt'), isPacked ? packed : text);
  }
  const rate = async (fields: Readonly<Record<string, string>>) => {
    const { query } = parseSearch({ ...fields, builds: '200' });
    const begun = performance.now();
    const search = createSearchDesk({ status, archive }).ask(query!)!;
    await search.over;
    return search.progress().bytes / (performance.now() - begun) / 1000;
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const figures = [
    {
      what: 'a text looked for in 40 builds, in none of their logs',
      value: await rate({ text: 'Exhausted all of it', job: 'plain' }),
    },
    {
      what: 'an expression, likewise',
      value: await rate({ text: String.raw`rc \d+ rs 127$`, regex: '1', job: 'plain' }),
    },
    {
      what: 'a text in 10 builds with packed logs (of their text)',
      value: await rate({ text: 'Exhausted all of it', job: 'packed' }),
    },
  ].map((figure) => ({ ...figure, unit: 'MB/s' }) as const);
  delay.disable();
  return [...figures, { what: 'other work waits for them, p99', value: delay.percentile(99) / 1e6, unit: 'ms' }];
}
