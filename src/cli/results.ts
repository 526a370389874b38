import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { SidegateError, errorText } from '../domain/errors.ts';
import { describeResults } from '../domain/results/describe-results.ts';
import { resultsPage } from '../domain/results/html-page.ts';
import { junitXml } from '../domain/results/junit-xml.ts';
import { readSelection } from '../domain/results/selection.ts';
import { oneLine } from '../domain/sanitize.ts';
import { readTestResults } from '../shared/read-test-results.ts';
import type { ReadTestResults } from '../shared/read-test-results.ts';

export interface ResultsOptions {
  readonly selection?: string;
  readonly last?: string;
  readonly junit?: string;
  readonly html?: string;
  /** False: read damaged streams no better than python-subunit does. */
  readonly salvage: boolean;
}

/** `sidegate results FILE`: what a subunit stream says, as JSON; no configuration and no database. */
export async function results(file: string, options: ResultsOptions): Promise<void> {
  const read = await readFrom(file, options);
  const last = options.last === undefined ? undefined : (await readFrom(options.last, options)).results;
  const selection = options.selection === undefined ? undefined : await readSelectionFile(options.selection);
  if (options.junit !== undefined) await writeOut(options.junit, junitXml(read.results));
  if (options.html !== undefined) await writeOut(options.html, resultsPage(read.results));
  const described = describeResults(read.results, { selection, last });
  console.log(JSON.stringify({ file, ...described, stream: { ...described.stream, cut: read.cut } }, undefined, 2));
}

async function readFrom(file: string, { salvage }: ResultsOptions): Promise<ReadTestResults> {
  return readTestResults(createReadStream(file), { gzip: isGzip(file), salvage }).catch((error: unknown) => {
    throw unreadable(file, error);
  });
}

async function readSelectionFile(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return readSelection(text);
}

async function writeOut(file: string, pieces: Iterable<string>): Promise<void> {
  const to = createWriteStream(file);
  const from = Readable.from(pieces);
  await (isGzip(file) ? pipeline(from, createGzip(), to) : pipeline(from, to)).catch((error: unknown) => {
    throw new SidegateError('options-invalid', `${oneLine(file, 300)} cannot be written: ${errorText(error)}`, {
      cause: error,
    });
  });
}

function isGzip(file: string): boolean {
  return file.endsWith('.gz');
}

function unreadable(file: string, error: unknown): SidegateError {
  return new SidegateError('not-found', `${oneLine(file, 300)} cannot be read: ${errorText(error)}`, { cause: error });
}
