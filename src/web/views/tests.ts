import { html } from 'hono/html';
import type { TestOutcome, TestResult } from '../../domain/test-result.ts';
import type { BuildDetail } from '../../ports/status.ts';
import { plural, visible, visibleLines } from '../text.ts';
import type { Html } from '../text.ts';
import { missingTests } from './missing-tests.ts';
import { emptyLine } from './parts.ts';
import { failureChip, outcomeText, testNameLabel, took } from './test-name.ts';
import { testProgress } from './test-progress.ts';
import { testPlaces } from './test-places.ts';

const maxFailed = 200;
const maxNamed = 500;
const maxDetails = 20_000;
/** So many failures show their details without a click; the others by name, so that all are seen at one glance. */
const openFailures = 1;
/** So many have links into the logs; who breaks more than that begins with the first ones. */
const maxPlaces = 50;

export const failures: readonly TestOutcome[] = ['failed', 'unexpected-success', 'incomplete'];

/** Failures first with what they say; the rest by name, folded. */
export function testList(build: BuildDetail): Html {
  const tests = build.testResults;
  if (tests.length === 0 && build.testProgress) return testProgress(build, build.testProgress);
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
    ${omitted(failed.length - maxFailed, build)} ${missingTests(build)}
    ${folded(plural(skipped.length, 'skipped test'), skipped, build)}
    ${folded(plural(passed.length, 'passed test'), passed, build)}
    <p class="to-all-tests"><a href="${testsUrl(build)}">All ${plural(tests.length, 'test')}</a></p>`;
}

function failure(test: TestResult, open: boolean, places: Html): Html {
  const title = html`${failureChip(test)} ${testNameLabel(test.id)} ${took(test)}`;
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

function folded(title: string, tests: readonly TestResult[], build: BuildDetail): Html {
  if (tests.length === 0) return html``;
  return html`<details class="fold">
    <summary>${title}</summary>
    <ul class="names">
      ${tests.slice(0, maxNamed).map((test) => html`<li><span class="line">${testNameLabel(test.id)} ${took(test)}</span>${test.outcome === 'passed' ? html`` : reason(test)}</li>`)}
    </ul>
    ${omitted(tests.length - maxNamed, build)}
  </details>`;
}

function reason(test: TestResult): Html {
  const text = test.details.trim();
  return html`<span class="reason">${visible(text === '' ? outcomeText(test) : text, 300)}</span>`;
}

function omitted(count: number, build: BuildDetail): Html {
  if (count <= 0) return html``;
  return html`<p class="soft">
    <a href="${testsUrl(build)}">${plural(count, 'more is', 'more are')} in the list of all.</a>
  </p>`;
}

function testsUrl({ id }: BuildDetail): string {
  return `/build/${encodeURIComponent(id)}/tests`;
}
