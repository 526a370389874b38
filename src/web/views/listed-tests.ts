import { html } from 'hono/html';
import { isFailed } from '../../domain/subunit/summary.ts';
import type { BuildRow, ListedTests, TestFilter } from '../../ports/status.ts';
import { shownOutcomes } from '../query.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { chip, emptyLine, jobLabel, testCounts, testedLabel } from './parts.ts';
import { failureChip, outcomeText, testNameLabel, took } from './test-name.ts';

type Listed = ListedTests['tests'][number];

const outcomeWords = {
  failed: 'failed',
  again: 'failed, passed when run again',
  skipped: 'skipped',
  passed: 'passed',
} as const;

export function listedTestsSummary(build: BuildRow): Html {
  return html`<span><a href="${buildUrl(build)}">The build</a></span>`;
}

export function listedTestsBody(filter: TestFilter, { build, fitting, next, tests }: ListedTests): Html {
  return html`<h1 class="sr">Tests of a build</h1>
    <p class="line-up"><span class="strong">${testedLabel(build)}</span> ${jobLabel(build)}</p>
    <p class="line-up">${testCounts(build.tests)}</p>
    ${filterForm(build, filter)}
    <section class="panel" aria-labelledby="h-tests">
      <h2 id="h-tests">${heading(filter, fitting, tests.length)}</h2>
      <div class="panel-body">
        ${
          tests.length === 0
            ? emptyLine('No test fits this filter.')
            : html`<ul class="all-tests">
                ${tests.map(row)}
              </ul>`
        }
      </div>
    </section>
    ${next === undefined ? html`` : html`<p><a href="${buildUrl(build)}/tests?${query({ ...filter, from: next })}">The next ones</a></p>`}`;
}

function heading({ from }: TestFilter, fitting: number, shown: number): string {
  return shown === fitting || shown === 0
    ? plural(fitting, 'test')
    : `Tests ${from + 1} to ${from + shown} of ${fitting}`;
}

function row(test: Listed): Html {
  return html`<li class="test flat">${outcome(test)} ${testNameLabel(test.id)} ${took(test)} ${said(test)}</li>`;
}

function outcome(test: Listed): Html {
  if (isFailure(test)) return failureChip(test);
  return chip(test.outcome === 'passed' ? 'ok' : 'idle', outcomeText(test));
}

function isFailure(test: Listed): boolean {
  return isFailed(test) || test.outcome === 'unexpected-success';
}

/** Of a traceback the last line says what happened. */
function said(test: Listed): Html {
  const text = test.said.trim();
  const shown = isFailure(test) ? (text.split('\n').at(-1) ?? '') : text;
  const past = isFailure(test)
    ? html` <a class="past-runs" href="/test?${new URLSearchParams({ id: test.id }).toString()}">Its past runs</a>`
    : html``;
  return shown === '' && !isFailure(test) ? html`` : html`<span class="reason">${visible(shown, 300)}${past}</span>`;
}

function filterForm(build: BuildRow, filter: TestFilter): Html {
  return html`<form class="filter panel" action="${buildUrl(build)}/tests" method="get" role="search">
    <div class="field">
      <label for="f-outcome">Outcome</label
      ><select id="f-outcome" name="outcome">
        <option value="">any</option>
        ${shownOutcomes.map((one) => html`<option value="${one}" ${one === filter.outcome ? html` selected` : html``}>${outcomeWords[one]}</option>`)}
      </select>
    </div>
    <div class="field">
      <label for="f-text">Name contains</label
      ><input id="f-text" name="text" type="search" value="${visible(filter.text ?? '', 200)}" maxlength="200" />
    </div>
    <div class="buttons"><button>Show</button><a href="${buildUrl(build)}/tests">Clear</a></div>
  </form>`;
}

function buildUrl({ id }: BuildRow): string {
  return `/build/${encodeURIComponent(id)}`;
}

function query({ from, outcome: kind, text }: TestFilter): string {
  const given = Object.entries({ outcome: kind, text, from }).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
}
