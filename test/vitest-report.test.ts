import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesToRunAgain, inTheEnd, passedOnlyAgain, readVitestReport } from './vitest-report.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitest-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As vitest writes it, what we read of it: files to their tests, `true` for passed. */
function reportOf(files: Readonly<Record<string, Readonly<Record<string, boolean>>>>) {
  const tests = Object.values(files).flatMap((file) => Object.values(file));
  const report = {
    numPassedTests: tests.filter(Boolean).length,
    numFailedTests: tests.filter((passed) => !passed).length,
    testResults: Object.entries(files).map(([name, own]) => ({
      name,
      status: Object.keys(own).length > 0 && Object.values(own).every(Boolean) ? 'passed' : 'failed',
      assertionResults: Object.entries(own).map(([fullName, passed]) => ({
        fullName,
        status: passed ? 'passed' : 'failed',
      })),
    })),
  };
  const path = join(folder, 'report.json');
  writeFileSync(path, JSON.stringify(report));
  return readVitestReport(path);
}

describe('a run', () => {
  test('counts tests, and a file that cannot be loaded as a failed one', () => {
    expect(reportOf({ a: { one: true, two: false } })).toMatchObject({ passed: 1, failed: 1 });
    expect(reportOf({ a: { one: true }, broken: {} })).toMatchObject({ passed: 1, failed: 1 });
    expect(reportOf({ a: { one: true } })).toMatchObject({ passed: 1, failed: 0, failedFiles: [] });
  });

  test('has its failed files run again, unless there are many', () => {
    const failed = { one: false };

    expect(filesToRunAgain(reportOf({ a: failed, b: { two: true }, c: failed }))).toEqual(['a', 'c']);
    expect(filesToRunAgain(reportOf({ a: failed, b: failed, c: failed, d: failed }))).toEqual([]);
    expect([2, 3].map((before) => filesToRunAgain(reportOf({ a: failed }), before))).toEqual([['a'], []]);
  });
});

describe('the same files again', () => {
  const before = { a: { one: true, two: false }, b: { three: true } };

  test('count instead of what they said before, and what passes only now is told', () => {
    const [first, again] = [reportOf(before), reportOf({ a: { one: true, two: true } })];

    expect(inTheEnd(first, again)).toMatchObject({ passed: 3, failed: 0 });
    expect(passedOnlyAgain(first, again)).toEqual(['two']);
  });

  test('that fail again have failed', () => {
    const [first, again] = [reportOf(before), reportOf({ a: { one: true, two: false } })];

    expect(inTheEnd(first, again)).toMatchObject({ passed: 2, failed: 1 });
    expect(passedOnlyAgain(first, again)).toEqual([]);
  });
});
