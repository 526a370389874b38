// oxlint-disable-next-line no-restricted-imports -- the parser is pure, its recorded streams are files
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TestResults } from '../test-result.ts';
import type { SubunitLimits } from './collect.ts';
import { crc32 } from './crc32.ts';
import type { SubunitPacket } from './packet.ts';
import { createSubunitParser } from './parser.ts';
import { countTests, failedTestNames } from './summary.ts';
import { writeSubunitPacket } from './writer.ts';

const fixtures = new URL('../../../test/fixtures/subunit/', import.meta.url);
const utf8 = new TextEncoder();

function parse(bytes: Uint8Array, pieceLength = bytes.length, limits: Partial<SubunitLimits> = {}): TestResults {
  const parser = createSubunitParser({ limits });
  for (let at = 0; at < bytes.length; at += pieceLength) parser.push(bytes.subarray(at, at + pieceLength));
  return parser.end();
}

function stream(...packets: Partial<SubunitPacket>[]): Uint8Array {
  return Buffer.concat(packets.map(writeSubunitPacket));
}

function at(seconds: number, nanoseconds = 0): Pick<SubunitPacket, 'timestamp'> {
  return { timestamp: { seconds, nanoseconds } };
}

function attachment(name: string, text: string): Pick<SubunitPacket, 'file' | 'mimeType'> {
  return { mimeType: 'text/plain;charset=utf8', file: { name, bytes: utf8.encode(text) } };
}

/** Puts the right CRC under a packet that was changed by hand. */
function signed(frame: Uint8Array): Uint8Array {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(frame.subarray(0, -4)));
  return Buffer.concat([frame.subarray(0, -4), sum]);
}

describe('a stream recorded from real tempest', () => {
  const bytes = readFileSync(new URL('tempest-run1.subunit', fixtures));

  it('counts what subunit-stats counts', () => {
    const results = parse(bytes);

    expect(results.intact).toBe(true);
    expect(countTests(results)).toEqual({ passed: 69, failed: 4, skipped: 19 });
  });

  it('gives the same results however the bytes are cut into pieces', () => {
    const whole = parse(bytes);

    expect(parse(bytes, 7)).toEqual(whole);
    expect(parse(bytes, 4096)).toEqual(whole);
  });

  it('keeps reasons and tracebacks, and nothing of the tests that passed', () => {
    const { tests } = parse(bytes);

    const skipped = tests.find((test) =>
      test.id.startsWith('setUpClass (tempest.api.compute.volumes.test_attach_volume.'),
    );
    const failed = tests.find((test) => test.outcome === 'failed');
    expect(skipped?.details).toBe('AttachVolumeShelveTestJSON skipped as Cinder is not available');
    expect(failed?.details).toMatch(/^Traceback \(most recent call last\):/);
    expect(failed?.details).toContain("--- pythonlogging:''");
    expect(tests.filter((test) => test.outcome === 'passed').every((test) => test.details === '')).toBe(true);
    expect(tests.every((test) => test.tags.length === 1 && test.duration !== undefined)).toBe(true);
  });

  it('is not intact when cut, and names the test that was running as incomplete', () => {
    const results = parse(bytes.subarray(0, 300_000));

    expect(results.intact).toBe(false);
    expect(results.tests.some((test) => test.outcome === 'incomplete')).toBe(true);
  });

  it('names the failed tests of a run whose setUpClass failed', () => {
    const results = parse(readFileSync(new URL('zvm-patch1-a.subunit', fixtures)));

    expect(countTests(results)).toEqual({ passed: 1, failed: 3, skipped: 0 });
    expect(failedTestNames(results, 2)).toEqual([
      'tempest.api.compute.servers.test_delete_server.DeleteServersTestJSON.test_delete_active_server[id-925fdfb4-5b13-47ea-ac8a-c36ae6fddb05]',
      'setUpClass (tempest.api.compute.servers.test_create_server.ServersTestJSON)',
    ]);
  });
});

describe('the rules of a test', () => {
  it('takes the time of its first packet, and that until its final one', () => {
    const results = parse(
      stream(
        { testId: 'a', status: 'inprogress', ...at(10, 999_999_000) },
        { testId: 'a', status: 'success', ...at(12, 499_000) },
      ),
    );

    expect(results.tests).toEqual([
      { id: 'a', outcome: 'passed', duration: 1000.5, startedAt: 10_999, tags: [], details: '' },
    ]);
  });

  it('has no duration when the clock went backwards or a time is missing', () => {
    const results = parse(
      stream(
        { testId: 'a', status: 'inprogress', ...at(10) },
        { testId: 'a', status: 'success', ...at(9) },
        { testId: 'b', status: 'inprogress' },
        { testId: 'b', status: 'success', ...at(9) },
        { testId: 'told at once', status: 'success', ...at(9) },
      ),
    );

    expect(results.tests.map((test) => test.duration)).toEqual([undefined, undefined, 0]);
  });

  it('puts the traceback before the logs, joined over several packets, also where a character is cut in two', () => {
    const logs = utf8.encode('grüße');

    const results = parse(
      stream(
        { testId: 'a', mimeType: 'text/plain', file: { name: 'log', bytes: logs.subarray(0, 3) } },
        { testId: 'a', file: { name: 'log', bytes: logs.subarray(3) } },
        { testId: 'a', ...attachment('traceback', 'boom\0\n') },
        { testId: 'a', mimeType: 'image/png', file: { name: 'screen', bytes: logs } },
        { testId: 'a', status: 'fail' },
      ),
    );

    expect(results.tests[0]?.details).toBe('boom\uFFFD\n--- log\ngrüße');
  });

  it('counts the same id twice when it ran twice, and at once on two routes', () => {
    const results = parse(
      stream(
        { testId: 'a', status: 'inprogress', routeCode: '0' },
        { testId: 'a', status: 'inprogress', routeCode: '1' },
        { testId: 'a', status: 'success', routeCode: '1' },
        { testId: 'a', status: 'fail', routeCode: '0' },
        { testId: 'a', status: 'success' },
      ),
    );

    expect(results.tests.map((test) => test.outcome)).toEqual(['passed', 'failed', 'passed']);
    expect(results.intact).toBe(true);
  });

  it('does not count tests that are only listed, and ignores output of no test', () => {
    const results = parse(stream({ testId: 'a', status: 'exists' }, attachment('stdout', 'hello')));

    expect(results).toEqual({ tests: [], intact: true, skipped: { bytes: 0, places: 0 }, dropped: 0 });
  });

  it('counts expected failures and unexpected successes as not failed, unfinished tests as failed', () => {
    const results = parse(
      stream(
        { testId: 'a', status: 'xfail' },
        { testId: 'b', status: 'uxsuccess' },
        { testId: 'c', status: 'inprogress' },
      ),
    );

    expect(results.tests.map((test) => test.outcome)).toEqual(['expected-failure', 'unexpected-success', 'incomplete']);
    expect(countTests(results)).toEqual({ passed: 2, failed: 1, skipped: 0 });
    expect(results.intact).toBe(false);
  });
});

describe('bytes that are no packet', () => {
  const good = writeSubunitPacket({ testId: 'a', status: 'success' });

  it('are skipped, whatever they look like', () => {
    const lookalikes = [
      utf8.encode('E: some text ³ (more)\n'),
      Uint8Array.of(0xb3),
      Uint8Array.of(0xb3, 0x29, 0x03, 0x05),
      Uint8Array.of(0xb3, 0x29, 0x03, 0xbf, 0xff, 0xff),
      good.with(6, 0x62),
    ];

    const results = lookalikes.map((noise) => parse(Buffer.concat([good, noise, good]), 3));

    for (const result of results) {
      expect(result.tests.map((test) => test.id)).toEqual(['a', 'a']);
      expect(result.intact).toBe(false);
    }
  });

  it('do not make a test: a field that leaves its packet, text that is not UTF-8, text with a NUL', () => {
    const lengthOfId = 4;
    const lastOfId = 5;
    const broken = [
      signed(good.with(lengthOfId, 0x3f)),
      signed(good.with(lastOfId, 0xff)),
      signed(good.with(lastOfId, 0)),
    ];

    const results = broken.map((packet) => parse(Buffer.concat([packet, good])));

    for (const result of results) {
      expect(result.tests.map((test) => test.id)).toEqual(['a']);
      expect(result.intact).toBe(false);
    }
  });

  it('cost bounded work even when every byte looks like the head of a 4 MiB packet', () => {
    const head = Uint8Array.of(0xb3, 0x20, 0x00, 0xbf, 0xff, 0xff);
    const hostile = new Uint8Array(24 * 1024 * 1024).map((_, index) => head[index % head.length]!);

    const results = parse(hostile, 1024 * 1024);

    expect(results).toMatchObject({ tests: [], intact: false, skipped: { bytes: hostile.length, places: 1 } });
  });
});

describe('limits', () => {
  const failing = (id: string) =>
    stream(
      { testId: id, ...attachment('log', 'l'.repeat(500)) },
      { testId: id, ...attachment('traceback', 't'.repeat(500)) },
      { testId: id, status: 'fail' },
    );

  it('drop tests beyond the number and names beyond the length, and say so', () => {
    const many = parse(Buffer.concat([failing('a'), failing('b'), failing('c')]), 999, { tests: 2 });
    const long = parse(Buffer.concat([failing('a'.repeat(20)), failing('b')]), 999, { name: 10 });

    expect([many.tests.map((test) => test.id), many.intact, many.dropped]).toEqual([['a', 'b'], false, 3]);
    expect([long.tests.map((test) => test.id), long.intact, long.dropped]).toEqual([['b'], false, 3]);
  });

  it('cut details per test and in all, without losing the test', () => {
    const results = parse(Buffer.concat([failing('a'), failing('b'), failing('c')]), 999, {
      details: 400,
      allDetails: 1400,
    });

    expect(results.tests).toHaveLength(3);
    expect(results.tests[0]?.details).toMatch(/^t{400}\n… \(cut\)/);
    expect(results.tests.reduce((sum, test) => sum + test.details.length, 0)).toBeLessThan(1450);
  });
});

describe('any bytes', () => {
  const packet = fc.record<Partial<SubunitPacket>>(
    {
      testId: fc.constantFrom('a', 'b', 'c', ''),
      status: fc.constantFrom('exists', 'inprogress', 'success', 'uxsuccess', 'skip', 'fail', 'xfail'),
      timestamp: fc.record({ seconds: fc.nat(0xffffffff), nanoseconds: fc.nat(0x3fffffff) }),
      tags: fc.array(fc.string({ maxLength: 5 })),
      mimeType: fc.constantFrom('text/plain', 'image/png'),
      file: fc.record({ name: fc.string(), bytes: fc.uint8Array({ maxLength: 300 }) }),
      routeCode: fc.string(),
    },
    { requiredKeys: [] },
  );

  it('never throw, and stay within the limits', () => {
    const noise = fc.oneof(
      packet.map(writeSubunitPacket),
      fc.uint8Array({ maxLength: 40 }),
      fc.constant(Uint8Array.of(0xb3, 0x29)),
    );

    fc.assert(
      fc.property(fc.array(noise, { maxLength: 30 }), fc.integer({ min: 1, max: 50 }), (parts, pieceLength) => {
        const results = parse(Buffer.concat(parts), pieceLength, { tests: 5, details: 100, allDetails: 250 });

        expect(results.tests.length).toBeLessThanOrEqual(5);
        expect(results.tests.reduce((sum, test) => sum + test.details.length, 0)).toBeLessThanOrEqual(250 + 5 * 400);
      }),
      { numRuns: 300 },
    );
  });

  it('that the writer wrote are all read, in any pieces', () => {
    const ended = fc.array(fc.record({ id: fc.string({ minLength: 1, maxLength: 30 }), skip: fc.boolean() }), {
      maxLength: 20,
    });

    fc.assert(
      fc.property(ended, fc.integer({ min: 1, max: 50 }), (tests, pieceLength) => {
        const clean = tests.filter((test) => !test.id.includes('\0') && test.id.isWellFormed());
        const bytes = stream(
          ...clean.map(({ id, skip }) => ({ testId: id, status: skip ? ('skip' as const) : ('success' as const) })),
        );

        const results = parse(bytes, pieceLength);

        expect(results.intact).toBe(true);
        expect(results.tests.map((test) => test.id)).toEqual(clean.map((test) => test.id));
      }),
    );
  });
});

it('refuses to write a packet longer than the format allows', () => {
  expect(() => writeSubunitPacket({ file: { name: 'x', bytes: new Uint8Array(4 * 1024 * 1024) } })).toThrow(RangeError);
});
