import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32, createGunzip } from 'node:zlib';
import { errorText } from '../domain/errors.ts';
import { createSubunitParser } from '../domain/subunit/parser.ts';
import type { SubunitParser } from '../domain/subunit/parser.ts';
import type { TestResults } from '../domain/test-result.ts';

export interface ReadTestResults {
  readonly results: TestResults;
  /** Why a gzip file could not be read to its end. */
  readonly cut: string | undefined;
}

export interface StreamOptions {
  readonly gzip: boolean;
  readonly salvage?: boolean;
}

/** Unpacked. A small gzip file can hold any number of bytes. */
const maxBytes = 4 * 1024 * 1024 * 1024;
/** Bytes parsed at once: other work of the process comes in between. */
const pieceBytes = 256 * 1024;

/** Reads a subunit stream; what cannot be unpacked any more leaves the results that came before. Throws what `source` throws. */
export async function readTestResults(
  source: Readable,
  { gzip, salvage = true }: StreamOptions,
): Promise<ReadTestResults> {
  const parser = createSubunitParser({ crc32, salvage });
  const take = (bytes: AsyncIterable<Buffer>) => parseAll(parser, bytes);
  try {
    await (gzip ? pipeline(source, createGunzip(), take) : pipeline(source, take));
    return { results: parser.end(), cut: undefined };
  } catch (error) {
    if (!(error instanceof TooLong) && !codeOf(error).startsWith('Z_')) throw error;
    return { results: { ...parser.end(), intact: false }, cut: errorText(error) };
  }
}

class TooLong extends Error {}

async function parseAll(parser: SubunitParser, bytes: AsyncIterable<Buffer>): Promise<void> {
  let read = 0;
  for await (const chunk of bytes) {
    read += chunk.length;
    if (read > maxBytes) throw new TooLong(`more than ${maxBytes} bytes`);
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      parser.push(chunk.subarray(at, at + pieceBytes));
      await nextTurn();
    }
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
