import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { DescribedResults } from '../src/domain/results/describe-results.ts';
import { resultsPage } from '../src/domain/results/html-page.ts';
import { junitXml } from '../src/domain/results/junit-xml.ts';
import { createSubunitParser } from '../src/domain/subunit/parser.ts';
import type { TestOutcome, TestResult, TestResults } from '../src/domain/test-result.ts';
import { readSample } from './subunit/samples.ts';
import type { sampleNames } from './subunit/samples.ts';
import { readXml } from './subunit/read-xml.ts';

const fixtures = join(import.meta.dirname, 'fixtures', 'subunit');
const folder = mkdtempSync(join(tmpdir(), 'results-'));

afterAll(() => rmSync(folder, { recursive: true }));

function resultsOf(name: (typeof sampleNames)[number]): TestResults {
  const parser = createSubunitParser();
  parser.push(readSample(name));
  return parser.end();
}

function resultsWith(...tests: Partial<TestResult>[]): TestResults {
  const rest = { id: 'a.B.test', outcome: 'failed', duration: 1500, startedAt: 0, tags: [], details: '' } as const;
  return {
    tests: tests.map((test) => ({ ...rest, ...test })),
    intact: true,
    skipped: { bytes: 0, places: 0 },
    dropped: 0,
  };
}

/** Rows of subunit2html's page and of ours: classes of tests with their numbers, then id, name and word of each test. */
function rowsOf(page: string): readonly string[] {
  const row =
    /<tr (?:id='(?<id>[fp]t[\d.]+)'[^>]*|class='(?<style>(?:pass|fail)Class)'|id='(?<total>total_row)')>(?<body>[\s\S]*?)<\/tr>/g;
  return [...page.matchAll(row)].map(({ groups }) => {
    const { body = '', id, style, total } = groups ?? {};
    const cells = [...body.matchAll(/<td[^>]*>([^<]*)/g)].map(([, text = '']) => text.trim());
    if (id === undefined) return [style ?? total, ...cells.slice(0, 6)].join(' ');
    const name = /class='testcase'>(?<name>[^<]*)/.exec(body)?.groups?.['name'];
    const word = /(?:<summary[^>]*>|href="javascript:[^>]*>)\s*(?<word>\w+)/.exec(body)?.groups?.['word'];
    return [id, name, word].join(' ');
  });
}

describe('the page of results', () => {
  it('has the rows that subunit2html made of the same run, in its order', () => {
    const theirs = gunzipSync(readFileSync(join(fixtures, 'tempest-run1-testr_results.html.gz'))).toString('utf8');

    const ours = [...resultsPage(resultsOf('tempest-run1.subunit'))].join('');

    expect(rowsOf(theirs).length).toBeGreaterThan(100);
    expect(rowsOf(ours)).toEqual(rowsOf(theirs));
    expect(ours).toContain('<strong>Status:</strong> Pass 69 Failure 4 Skip 19</p>');
  });

  it('says when the results are not whole', () => {
    const results = { ...resultsWith(), intact: false, skipped: { bytes: 12, places: 2 } };

    expect([...resultsPage(results)].join('')).toContain(
      'The results are not whole. 12 bytes in 2 places are no results and were skipped.',
    );
  });

  it('has no script, and no way for text to become one', () => {
    const hostile = `</pre><script>alert(1)</script><img src=x onerror=alert(1)>'"&`;

    const page = [...resultsPage(resultsWith({ id: `a.${hostile}.${hostile}`, details: hostile }))].join('');

    const tags = (text: string) => text.match(/<[^>]*/g)?.map((tag) => tag.replaceAll(/title="[^"]*"/g, ''));
    const harmless = [...resultsPage(resultsWith({ id: 'a.B.test', details: 'text' }))].join('');
    expect(tags(page)).toEqual(tags(harmless));
    expect(page).not.toMatch(/<script|javascript:/);
    expect(page).toMatch(/<summary title="[^"<>]*">fail<\/summary>/);
  });
});

describe('JUnit’s XML', () => {
  it('counts and names what is in a real run', () => {
    const suite = readXml([...junitXml(resultsOf('zvm-patch1-a.subunit'))].join('')).children[0]!;

    expect(suite.attributes).toMatchObject({ tests: '4', failures: '3', errors: '0', skipped: '0' });
    expect(suite.children.map(({ attributes }) => attributes['classname'])).toContain(
      'tempest.api.compute.servers.test_create_server.ServersTestJSON',
    );
    expect(suite.children.map(({ attributes }) => attributes['name'])).toContain('setUpClass');
  });

  it('has an element for each outcome', () => {
    const outcomes: readonly TestOutcome[] = [
      'passed',
      'failed',
      'skipped',
      'incomplete',
      'expected-failure',
      'unexpected-success',
    ];

    const xml = readXml(
      [...junitXml(resultsWith(...outcomes.map((outcome) => ({ outcome, details: 'why' }))))].join(''),
    );

    const suite = xml.children[0]!;
    expect(suite.attributes).toMatchObject({
      tests: '6',
      failures: '1',
      errors: '1',
      skipped: '1',
      time: '9.000',
      timestamp: '1970-01-01T00:00:00.000Z',
    });
    expect(suite.children.map((test) => test.children.map(({ name }) => name).join())).toEqual([
      '',
      'failure',
      'skipped',
      'error',
      'system-out',
      'system-out',
    ]);
    expect(suite.children[2]?.children[0]?.attributes['message']).toBe('why');
  });

  it('gives back any text, without what XML does not allow', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (id, details) => {
        const tests = resultsWith({ id, details }, { id, details, outcome: 'skipped' });

        const [failed, skipped] = readXml([...junitXml(tests)].join('')).children[0]!.children;

        const name = failed?.attributes['name'] ?? '';
        const group = failed?.attributes['classname'] ?? '';
        expect(legal(group === '' ? id.replace(/^\./, '') : id)).toBe(legal(group === '' ? name : `${group}.${name}`));
        expect(failed?.children[0]?.text).toBe(legal(details));
        expect(skipped?.children[0]?.attributes['message']).toBe(legal(details));
      }),
      { numRuns: 1000 },
    );
  });
});

function legal(text: string): string {
  // oxlint-disable-next-line no-control-regex -- what XML does not allow
  return text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}

describe('sidegate results', () => {
  function run(...args: string[]): { status: number | null; stderr: string; said: DescribedResults } {
    const main = join(import.meta.dirname, '..', 'src', 'main.ts');
    const { status, stderr, stdout } = spawnSync(process.execPath, [main, 'results', ...args], { encoding: 'utf8' });
    return { status, stderr, said: JSON.parse(status === 0 ? stdout : '{}') as DescribedResults };
  }
  const own = join(fixtures, 'stestr-own-tests.subunit');

  it('prints counts, failing tests, and what is missing of the selection', () => {
    const { said, status } = run(own, '--selection', join(fixtures, 'stestr-own-tests.list'));

    expect(status).toBe(0);
    expect(said).toMatchObject({
      counts: { tests: 25, passed: 16, failed: 5, skipped: 4, unfinished: 0 },
      stream: { intact: true, skippedBytes: 0 },
    });
    expect(said.failing.map(({ id }) => id)).toContain('setUpClass (tests.test_slow.Broken)');
    expect(said.missing.selection).toEqual({
      expected: 26,
      missing: ['one', 'two'].map((name) => ({
        id: `tests.test_slow.Broken.test_${name}`,
        hiddenBy: 'setUpClass (tests.test_slow.Broken)',
      })),
      skippedWithClass: 0,
    });
  });

  it('compares with an earlier run, of which a gzip file may have lost its end', () => {
    const whole = readSample('tempest-run1.subunit');
    const cut = join(folder, 'cut.subunit.gz');
    const zipped = gzipSync(whole);
    writeFileSync(cut, zipped.subarray(0, zipped.length / 2));

    const { said } = run(cut, '--last', join(fixtures, 'tempest-run1.subunit'));

    const last = said.missing.last!;
    expect(said.stream).toMatchObject({ intact: false, cut: 'unexpected end of file' });
    expect(last.missing.length).toBeGreaterThan(20);
    expect(last.missing.length + said.counts.tests).toBeGreaterThanOrEqual(last.expected);
  });

  it('writes the page and JUnit’s XML, packed where the name says so', () => {
    const [html, junit] = [join(folder, 'testr_results.html.gz'), join(folder, 'junit.xml')];

    const { status } = run(own, '--html', html, '--junit', junit);

    expect(status).toBe(0);
    expect(gunzipSync(readFileSync(html)).toString('utf8')).toContain('Pass 16 Failure 5 Skip 4');
    expect(readXml(readFileSync(junit, 'utf8')).children[0]?.children).toHaveLength(25);
  });

  it('salvages of a damaged stream what python-subunit loses, unless told otherwise', () => {
    const damaged = join(folder, 'damaged.subunit');
    const head = Buffer.from([0xb3, 0x29, 0x03, 0xbf, 0xff, 0xff]);
    writeFileSync(damaged, Buffer.concat([head, readSample('tempest-run1.subunit')]));

    expect(run(damaged).said).toMatchObject({ counts: { tests: 92 }, stream: { skippedBytes: 6, skippedPlaces: 1 } });
    expect(run(damaged, '--no-salvage').said.counts.tests).toBe(0);
  });

  it('says what it cannot read', () => {
    const { status, stderr } = run(join(folder, 'nothing.subunit'));

    expect(status).toBe(1);
    expect(stderr).toMatch(/nothing\.subunit cannot be read.*\n.*\(not-found\)/);
  });
});
