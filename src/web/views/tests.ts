import { html } from 'hono/html';
import type { TestOutcome, TestResult } from '../../domain/test-result.ts';
import type { BuildDetail } from '../../ports/status.ts';
import { plural, visible, visibleLines } from '../text.ts';
import type { Html } from '../text.ts';
import { chip, emptyLine } from './parts.ts';
import { testPlaces } from './test-places.ts';

const maxFailed = 200;
const maxNamed = 2000;
const maxDetails = 20_000;
/** So many failures show their details without a click; the others by name, so that all are seen at one glance. */
const openFailures = 1;
/** So many have links into the logs; who breaks more than that begins with the first ones. */
const maxPlaces = 50;

export const failures: readonly TestOutcome[] = ['failed', 'unexpected-success', 'incomplete'];
export const outcomeWords: Record<TestOutcome, string> = {
  failed: 'Failed',
  'unexpected-success': 'Unexpected success',
  incomplete: 'Never ended',
  passed: 'Passed',
  'expected-failure': 'Expected failure',
  skipped: 'Skipped',
};

/** Failures first with what they say; the rest by name, folded. */
export function testList(build: BuildDetail): Html {
  const tests = build.testResults;
  if (tests.length === 0)
    return emptyLine(build.state === 'done' ? 'The job reported no tests.' : 'They are listed when the job has ended.');
  const failed = tests.filter((test) => failures.includes(test.outcome));
  const skipped = tests.filter((test) => test.outcome === 'skipped');
  const passed = tests.filter((test) => test.outcome === 'passed' || test.outcome === 'expected-failure');
  const files = build.logsExpired === undefined ? build.artifacts.map(({ path }) => path) : [];
  const places = (test: TestResult, index: number) =>
    index < maxPlaces
      ? testPlaces({ build: build.id, logPath: build.logPath, files, startedAt: undefined, ...test })
      : html``;
  return html`${failed.slice(0, maxFailed).map((test, index) => failure(test, index < openFailures, places(test, index)))}
  ${omitted(failed.length - maxFailed)} ${folded(plural(skipped.length, 'skipped test'), skipped)}
  ${folded(plural(passed.length, 'passed test'), passed)}`;
}

function failure(test: TestResult, open: boolean, places: Html): Html {
  const title = html`${chip('bad', outcomeWords[test.outcome])} ${name(test)} ${took(test)}`;
  const past = html`<a class="past-runs" href="/test?${new URLSearchParams({ id: test.id }).toString()}"
    >Its past runs</a
  >`;
  if (test.details.trim() === '')
    return html`<div class="test fail">
      <div class="flat">${title} ${past}</div>
      ${places}
    </div>`;
  return html`<details class="test fail" ${open ? html` open` : html``}>
    <summary>${title}</summary>
    ${past} ${places}
    <pre tabindex="0" aria-label="Details of the failure">${visibleLines(test.details.slice(-maxDetails))}</pre>
  </details>`;
}

function folded(title: string, tests: readonly TestResult[]): Html {
  if (tests.length === 0) return html``;
  return html`<details class="fold">
    <summary>${title}</summary>
    <ul class="names">
      ${tests.slice(0, maxNamed).map((test) => html`<li><span class="line">${name(test)} ${took(test)}</span>${test.outcome === 'passed' ? html`` : reason(test)}</li>`)}
    </ul>
    ${omitted(tests.length - maxNamed)}
  </details>`;
}

/** `test_method` loud, then `module.Class` quiet; the tags in brackets at the end are noise, but for who hovers. */
function name(test: TestResult): Html {
  const { path, method } = testName(test.id);
  const quiet = path === '' ? html`` : html` <span class="soft path">${visible(path, 300)}</span>`;
  return html`<span class="test-name mono" title="${visible(test.id, 600)}"
    ><b>${visible(method, 300)}</b>${quiet}</span
  >`;
}

export function testName(id: string): { readonly path: string; readonly method: string } {
  const [, path = '', method = id] = /^(?:([^[]*)\.)?([^.[]+)(?:\[.*)?$/.exec(id) ?? [];
  return { path, method };
}

export function took(test: Pick<TestResult, 'duration'>): Html {
  return test.duration === undefined
    ? html``
    : html`<span class="took num soft">${(test.duration / 1000).toFixed(test.duration < 10_000 ? 2 : 1)}s</span>`;
}

function reason(test: TestResult): Html {
  const text = test.details.trim();
  return html`<span class="reason">${visible(text === '' ? outcomeWords[test.outcome] : text, 300)}</span>`;
}

function omitted(count: number): Html {
  return count > 0 ? html`<p class="soft">${plural(count, 'more is', 'more are')} in the files.</p>` : html``;
}
