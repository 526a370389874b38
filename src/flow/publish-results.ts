import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { errorText } from '../domain/errors.ts';
import { junitFile } from '../domain/log-path.ts';
import { resultsPage } from '../domain/results/html-page.ts';
import { junitXml } from '../domain/results/junit-xml.ts';
import type { TestResults } from '../domain/test-result.ts';
import type { BuildContext } from './run-build.ts';

const outputs = { 'testr_results.html.gz': resultsPage, [junitFile]: junitXml } as const;

/** Made by sidegate of the test results: a job that has some must not replace them. */
export const resultFiles: ReadonlySet<string> = new Set(Object.keys(outputs));

/** The page of results and JUnit's XML, beside the artifacts. Without them the results are still in the database and in the stream. */
export async function publishResults({ build, flow }: BuildContext, results: TestResults): Promise<void> {
  try {
    for (const [name, write] of Object.entries(outputs))
      await flow.archive.write(`${build.logPath}${name}`, await packed(write(results)));
  } catch (error) {
    flow.logger.warn({ build: build.id, err: errorText(error) }, 'test results could not be published');
  }
}

/** Packed piece by piece: the text itself may be tens of megabytes. */
async function packed(pieces: Iterable<string>): Promise<Buffer> {
  const gzip = createGzip();
  const [content] = await Promise.all([buffer(gzip), pipeline(Readable.from(pieces), gzip)]);
  return content;
}
