import { html } from 'hono/html';
import { endedTests } from '../../domain/test-progress.ts';
import type { FailedSoFar } from '../../domain/test-progress.ts';
import type { BuildDetail, BuildRow } from '../../ports/status.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { chip } from './parts.ts';
import { testNameLabel, took } from './test-name.ts';

type Progress = NonNullable<BuildRow['testProgress']>;

/** How far the tests are by the console, and those that failed up to now. */
export function testProgress(build: BuildDetail, progress: Progress): Html {
  const { failed, latest, passed, skipped } = progress;
  const failures = build.failedSoFar ?? [];
  return html`<div class="progress">
      ${bar(progress)}
      <p>
        <b class="num">${reached(progress)}</b>
        <span class="num soft"
          >${failed > 0 ? html`<b class="bad">${failed} failed</b>, ` : html``}${passed}
          passed${skipped > 0 ? html`, ${skipped} skipped` : html``}</span
        >
      </p>
      ${progress.again === undefined ? html`` : html`<p class="num">${secondRun(progress.again)}</p>`}
      ${build.state !== 'running' || latest === undefined ? html`` : html`<p class="soft latest">Last: <span class="mono">${visible(latest, 300)}</span></p>`}
    </div>
    ${failures.map(failure)}
    ${failed > failures.length ? html`<p class="soft">${plural(failed - failures.length, 'earlier failure is', 'earlier failures are')} in the console.</p>` : html``}`;
}

function reached(progress: Progress): string {
  const ended = endedTests(progress);
  return progress.selected === undefined
    ? `${plural(ended, 'test')} ended`
    : `${Math.min(ended, progress.selected)} of ${progress.selected} tests`;
}

function secondRun({ failed, passed, selected }: NonNullable<Progress['again']>): string {
  return `Run again: ${Math.min(passed + failed, selected)} of ${selected} tests, ${passed} passed.`;
}

function bar(progress: Progress): Html {
  const ended = endedTests(progress);
  const all = Math.max(1, ended, progress.selected ?? 0);
  const width = (count: number) => (count / all) * 100;
  const bad = progress.failed > 0 ? Math.max(1, width(progress.failed)) : 0;
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="idle" width="100" height="8" />
    <rect class="skip" x="${bad + width(progress.passed)}" width="${width(progress.skipped)}" height="8" />
    <rect class="ok" x="${bad}" width="${width(progress.passed)}" height="8" />
    <rect class="bad" width="${bad}" height="8" />
  </svg>`;
}

function failure({ again, duration, id }: FailedSoFar): Html {
  const words = again === 'passed' ? 'Failed, passed when run again' : again === 'failed' ? 'Failed twice' : 'Failed';
  return html`<div class="test fail flat">
    ${chip(again === 'passed' ? 'warn' : 'bad', words)} ${testNameLabel(id)} ${took({ duration })}
  </div>`;
}
