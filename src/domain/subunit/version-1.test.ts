// oxlint-disable-next-line no-restricted-imports -- the parser is pure, its recorded streams are files
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TestResults } from '../test-result.ts';
import { createSubunitParser } from './parser.ts';
import { countTests } from './summary.ts';

const fixtures = new URL('../../../test/fixtures/subunit/', import.meta.url);
const own = readFileSync(new URL('stestr-own-tests.v1', fixtures));

function parse(bytes: Uint8Array, pieceLength = 1 + bytes.length): TestResults {
  const parser = createSubunitParser();
  for (let at = 0; at < bytes.length; at += pieceLength) parser.push(bytes.subarray(at, at + pieceLength));
  return parser.end();
}

function told(...lines: string[]): TestResults {
  return parse(Buffer.from(`time: 2026-11-27 10:00:00.000000Z\n${lines.join('\n')}\n`));
}

describe('what stestr keeps in its repository', () => {
  it('is read as stestr itself turns it into version 2', () => {
    const version2 = parse(readFileSync(new URL('stestr-own-tests.subunit', fixtures)));

    expect(parse(own)).toEqual(version2);
    expect(version2.tests).toHaveLength(25);
  });

  it('is read in pieces of any size', () => {
    const whole = parse(own);

    for (const length of [1, 2, 3, 15, 16, 17, 100]) expect(parse(own, length)).toEqual(whole);
  });

  it('of an aborted run gives the tests that had ended', () => {
    const results = parse(readFileSync(new URL('stestr-aborted.v1', fixtures)));

    expect(countTests(results)).toEqual({ passed: 7, failed: 2, skipped: 1 });
    expect(results.intact).toBe(true);
  });

  it('may be cut anywhere: what had ended stays the same, at most one test is unfinished', () => {
    const whole = parse(own).tests;

    for (let length = 0; length < own.length; length += 1) {
      const { tests } = parse(own.subarray(0, length));
      const ended = tests.filter(({ outcome }) => outcome !== 'incomplete');

      expect(ended).toEqual(whole.slice(0, ended.length));
      expect(tests.length - ended.length).toBeLessThanOrEqual(1);
    }
  });
});

describe('the rules of version 1', () => {
  it('take text in brackets by the outcome, with a quoted bracket in it', () => {
    const { tests } = told('test: a', 'failure: a [', 'boom', ' ]', ']', 'test: b', 'skip: b [', 'no cinder', ']');

    expect(tests.map(({ details, outcome }) => [outcome, details])).toEqual([
      ['failed', 'boom\n]'],
      ['skipped', 'no cinder'],
    ]);
  });

  it('know all outcomes, with and without a colon', () => {
    const words = ['success', 'successful', 'failure', 'error', 'skip', 'xfail', 'uxsuccess'];

    const { intact, tests } = told(
      ...words.flatMap((word) => [`test: ${word}`, `${word}: ${word}`, `${word} ${word}`]),
    );

    expect(tests.map(({ outcome }) => outcome)).toEqual([
      'passed',
      'passed',
      'failed',
      'failed',
      'skipped',
      'expected-failure',
      'unexpected-success',
    ]);
    expect(intact).toBe(false);
  });

  it('let tags of a test end with it', () => {
    const { tests } = told('tags: x y', 'test: a', 'tags: -x z', 'success: a', 'test: b', 'success: b');

    expect(tests.map(({ tags }) => tags)).toEqual([
      ['y', 'z'],
      ['x', 'y'],
    ]);
  });

  it('skip other lines, outcomes of other tests and broken attachments, and go on with the next test', () => {
    const results = told(
      'warning: deprecated',
      'test: a',
      'success: other',
      'failure: a [ multipart',
      'Content-Type: text/plain',
      'log',
      'not a number\r',
      'test: b',
      'success: b',
    );

    expect(results.tests.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['b', 'passed'],
      ['a', 'incomplete'],
    ]);
    expect(results).toMatchObject({ intact: false, skipped: { places: 3 } });
  });

  it('never throw, whatever comes', () => {
    const line = fc.constantFrom(
      'test: a',
      'success: a',
      'failure: a [',
      'failure: a [ multipart',
      'Content-Type: text/plain',
      'log',
      '5\r',
      '0\r',
      ']',
      'time: 2026-13-45 10:00:00Z',
      'tags: -x y',
    );
    const noise = fc.oneof(
      line.map((text) => Buffer.from(`${text}\n`)),
      fc.uint8Array({ maxLength: 30 }),
    );

    fc.assert(
      fc.property(fc.array(noise, { maxLength: 40 }), fc.integer({ min: 1, max: 60 }), (parts, pieceLength) => {
        const bytes = Buffer.concat([Buffer.from('time: 2026-11-27 10:00:00Z\n'), ...parts]);

        expect(parse(bytes, pieceLength)).toEqual(parse(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});
