import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { junitXml } from '../../src/domain/results/junit-xml.ts';
import { splitTestId } from '../../src/domain/results/test-id.ts';
import { createSubunitParser } from '../../src/domain/subunit/parser.ts';
import type { TestOutcome, TestResult, TestResults } from '../../src/domain/test-result.ts';
import { readSample, sampleNames } from '../../test/subunit/samples.ts';
import { subunitEnvironment } from './ask-python.ts';

type Counts = Readonly<Record<'tests' | 'failures' | 'errors' | 'skipped', number>>;

interface ReadByPython {
  /** What the attributes say, and what junitparser counts. */
  readonly told: Counts;
  readonly counted: Counts;
  readonly tests: readonly [group: string, name: string, outcome: string, texts: readonly (string | null)[]][];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'junit-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Throws where the XML is not well-formed or has another shape than Jenkins takes. */
async function readByPython(results: TestResults): Promise<ReadByPython> {
  const file = join(folder, 'junit.xml');
  await writeFile(file, [...junitXml(results)].join(''));
  const python = join(await subunitEnvironment(), 'bin/python');
  const { stdout } = await promisify(execFile)(python, [join(import.meta.dirname, 'read_junit.py'), file], {
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(stdout) as ReadByPython;
}

/** As JUnit knows outcomes: what was expected to fail, and what should have, are no failures there. */
function junitOutcome(outcome: TestOutcome): string {
  return outcome === 'expected-failure' || outcome === 'unexpected-success' ? 'passed' : outcome;
}

function countsOf(tests: readonly TestResult[]): Counts {
  const count = (wanted: TestOutcome) => tests.filter(({ outcome }) => outcome === wanted).length;
  return {
    tests: tests.length,
    failures: count('failed'),
    errors: count('incomplete'),
    skipped: count('skipped'),
  };
}

test.each(sampleNames)('junitparser reads the tests of %s as we do', async (name) => {
  const parser = createSubunitParser();
  parser.push(readSample(name));
  const results = parser.end();

  const read = await readByPython(results);

  expect(results.tests.length).toBeGreaterThan(0);
  expect(read.told).toEqual(countsOf(results.tests));
  expect(read.counted).toEqual(read.told);
  expect(read.tests.map(([group, test, outcome]) => [group, test, outcome])).toEqual(
    results.tests.map(({ id, outcome }) => {
      const { group, name: test } = splitTestId(id);
      return [group, test, junitOutcome(outcome)];
    }),
  );
});

test('whatever a test is called and says, the XML can be read, and says it', async () => {
  const hostile = [
    ']]>',
    '<![CDATA[ x ]]>',
    '</testcase></testsuite><testsuite name="forged" tests="1">',
    '&amp;&#0;&quot;\'"',
    'emoji 👩‍👩‍👧 \u{10ffff}\u{1f600}',
    'half \ud800 a pair',
    'nul \0 escape \u001b[2J bell \u0007',
    '\ufffe\uffff\u0085\u2028',
    'tab\tline\nreturn\r',
    '<!DOCTYPE x [<!ENTITY a "b">]>&a;',
    '<?xml version="1.0"?>',
  ];
  const outcomes = ['failed', 'skipped', 'incomplete', 'expected-failure', 'unexpected-success', 'passed'] as const;
  const tests = hostile.flatMap((text) =>
    outcomes.map((outcome) => ({ id: `a.B.${text}`, outcome, duration: 1, startedAt: 0, tags: [], details: text })),
  );

  const read = await readByPython({ tests, intact: true, skipped: { bytes: 0, places: 0 }, dropped: 0 });

  expect(read.told).toEqual(countsOf(tests));
  expect(read.counted).toEqual(read.told);
  expect(read.tests.map(([, , outcome]) => outcome)).toEqual(tests.map(({ outcome }) => junitOutcome(outcome)));
  const failures = read.tests.filter(([, , outcome]) => outcome === 'failed');
  expect(failures.map(([, , , [text]]) => text)).toEqual(hostile.map(legal));
});

function legal(text: string): string {
  // oxlint-disable-next-line no-control-regex -- what XML does not allow
  return text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}
