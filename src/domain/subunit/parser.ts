import type { TestResults } from '../test-result.ts';
import { TestCollector } from './collect.ts';
import type { SubunitLimits } from './collect.ts';
import { crc32 } from './crc32.ts';
import type { Crc32 } from './crc32.ts';
import { goOnBehind, searchInside } from './resynchronise.ts';
import type { SubunitPacket } from './packet.ts';
import { createPacketScanner } from './scan.ts';
import type { PacketScanner } from './scan.ts';
import { createVersion1Scanner, isVersion1 } from './version-1.ts';

/** Enough to tell the version. */
const headBytes = 16;

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

/** Parses subunit as it comes, version 2 or what stestr keeps in its repository, version 1. Memory is bounded by the limits; what goes beyond them is dropped and `intact` says so. */
export function createSubunitParser(options: SubunitOptions = {}): SubunitParser {
  const collector = new TestCollector({ ...defaultLimits, ...options.limits });
  const resynchronisation = options.salvage === false ? goOnBehind() : searchInside();
  const add = (packet: SubunitPacket) => collector.add(packet);
  let scanner: PacketScanner | undefined;
  let head = new Uint8Array(0);
  let results: TestResults | undefined;

  /** Keeps the first bytes until they tell the version. */
  function begin(bytes: Uint8Array): void {
    head = Uint8Array.of(...head, ...bytes.subarray(0, headBytes));
    if (head.length >= headBytes) start().push(bytes.subarray(headBytes));
  }

  function start(): PacketScanner {
    const started = isVersion1(head)
      ? createVersion1Scanner(add)
      : createPacketScanner(resynchronisation, options.crc32 ?? crc32, add);
    started.push(head);
    scanner = started;
    return started;
  }

  return {
    push(bytes) {
      if (results !== undefined) return;
      if (scanner === undefined) begin(bytes);
      else scanner.push(bytes);
    },
    end() {
      if (results !== undefined) return results;
      const reader = scanner ?? start();
      reader.end();
      const { skipped } = reader;
      const { dropped, incomplete, tests } = collector.end();
      results = { tests, intact: !incomplete && dropped === 0 && skipped.bytes === 0, skipped, dropped };
      return results;
    },
  };
}
