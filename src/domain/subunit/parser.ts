import type { TestResults } from '../test-result.ts';
import { createTestCollector } from './collect.ts';
import type { SubunitLimits } from './collect.ts';
import { crc32 } from './crc32.ts';
import type { Crc32 } from './crc32.ts';
import { goOnBehind, searchInside } from './resynchronise.ts';
import { createPacketScanner } from './scan.ts';

const defaultLimits: SubunitLimits = {
  tests: 50_000,
  name: 1024,
  allNames: 8 * 1024 * 1024,
  details: 64 * 1024,
  allDetails: 16 * 1024 * 1024,
};

export interface SubunitParser {
  /** Takes the next bytes of the stream, in pieces of any size. Never throws on what they hold. */
  push(bytes: Uint8Array): void;
  /** The results; what is pushed afterwards is ignored. */
  end(): TestResults;
}

export interface SubunitOptions {
  readonly limits?: Partial<SubunitLimits>;
  /** Node's own (`node:zlib`) is some fifty times faster than the one of this folder. */
  readonly crc32?: Crc32;
  /** False: of a damaged stream read what python-subunit reads, test by test, and lose what it loses. */
  readonly salvage?: boolean;
}

/** Parses subunit v2 as it comes. Memory is bounded by the limits; what goes beyond them is dropped and `intact` says so. */
export function createSubunitParser(options: SubunitOptions = {}): SubunitParser {
  const collector = createTestCollector({ ...defaultLimits, ...options.limits });
  const resynchronisation = options.salvage === false ? goOnBehind() : searchInside();
  const scanner = createPacketScanner(resynchronisation, options.crc32 ?? crc32, (packet) => collector.add(packet));
  let results: TestResults | undefined;

  return {
    push(bytes) {
      if (results === undefined) scanner.push(bytes);
    },
    end() {
      if (results !== undefined) return results;
      scanner.end();
      const { dropped, incomplete, tests } = collector.end();
      const { skipped } = scanner;
      results = { tests, intact: !incomplete && dropped === 0 && skipped.bytes === 0, skipped, dropped };
      return results;
    },
  };
}
