import type { TestResults } from '../test-result.ts';
import { createTestCollector } from './collect.ts';
import type { SubunitLimits } from './collect.ts';
import { maxPacketBytes } from './packet.ts';
import { createPacketScanner } from './scan.ts';

const defaultLimits: SubunitLimits = {
  packet: maxPacketBytes,
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

/** Parses subunit v2 as it comes. Memory is bounded by the limits; what goes beyond them is dropped and `intact` says so. */
export function createSubunitParser(limits: Partial<SubunitLimits> = {}): SubunitParser {
  const applied = { ...defaultLimits, ...limits };
  const collector = createTestCollector(applied);
  const scanner = createPacketScanner(applied.packet, (packet) => collector.add(packet));
  let results: TestResults | undefined;

  return {
    push(bytes) {
      if (results === undefined) scanner.push(bytes);
    },
    end() {
      if (results !== undefined) return results;
      scanner.end();
      const { tests, intact } = collector.end();
      results = { tests, intact: intact && scanner.intact };
      return results;
    },
  };
}
