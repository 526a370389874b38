import { html } from 'hono/html';
import type { BuildRow } from '../../ports/status.ts';
import type { FoundBuild, SearchProgress } from '../search-desk.ts';
import type { FoundLog } from '../search-logs.ts';
import { searchAddress } from '../search-query.ts';
import type { SearchFields, SearchQuery } from '../search-query.ts';
import { bytes, pathTo, plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { utc } from '../time.ts';
import { foundTests } from './found-tests.ts';
import { buildChip, buildTitle, chip, emptyLine, jobLabel } from './parts.ts';
import { searchForm } from './search-form.ts';
import { signatureHint } from './signature-hint.ts';

/** Logs of one build that are seen at once. */
const openLogs = 2;

export interface SearchView {
  readonly fields: SearchFields;
  /** What is wrong with them. */
  readonly problem?: string;
  readonly query?: SearchQuery;
  readonly progress?: SearchProgress;
}

export function searchSummary(): Html {
  return html`<span class="soft">Text in the logs of many builds, and tests by name</span>`;
}

export function searchBody({ fields, problem, progress, query }: SearchView): Html {
  return html`<h1 class="sr">Search</h1>
    ${searchForm(fields)}
    ${problem === undefined ? html`` : html`<p class="problem" role="alert">${visible(problem, 500)}</p>`}
    ${progress === undefined || query === undefined ? html`` : results(query, progress)}
    ${progress === undefined && problem === undefined ? help() : html``}`;
}

function results(query: SearchQuery, progress: SearchProgress): Html {
  return html`<div id="results" data-state="${progress.state}">
    ${query.fields.test === undefined ? html`` : foundTests(query.fields, progress)}
    ${query.pattern === undefined ? html`` : foundLogs(query, progress)}
  </div>`;
}

function help(): Html {
  return html`<section class="panel search-help" aria-labelledby="h-help">
    <h2 id="h-help">What can be found</h2>
    <ul>
      <li>
        <b>Text</b> stands in one line of a log, as it is written: upper and lower case differ. Packed logs are looked
        into too.
      </li>
      <li>
        A <b>regular expression</b> has what signatures have: <code>. [a-z] ( | ) * + ? {2,5} ^ $ \\d \\w \\s</code>,
        and <code>(?i)</code> at the start for either case.
      </li>
      <li><b>Tests</b> are found by any part of their name, with how they fared in these builds.</li>
      <li>The newest builds that are over and whose logs are still there are looked through.</li>
    </ul>
  </section>`;
}

function foundLogs(query: SearchQuery, progress: SearchProgress): Html {
  const isOver = progress.state !== 'running' && progress.state !== 'waiting';
  return html`<section class="panel found" aria-labelledby="h-found">
    <h2 id="h-found">In logs</h2>
    <div role="status">${shares(progress)} ${progressLine(progress)}</div>
    ${progress.found.map((found) => foundBuild(query, found))}
    ${isOver && progress.found.length === 0 && progress.state !== 'error' ? emptyLine(nothing(progress)) : html``}
    ${goOn(query, progress)} ${isOver ? signatureHint(query, progress) : html``}
  </section>`;
}

function nothing({ builds }: SearchProgress): string {
  return builds === 0 ? 'No build that is over, with its logs, fits.' : 'No log holds it.';
}

/** What elastic-recheck asks first: does it stand in builds that passed too? */
function shares({ holding, looked }: SearchProgress): Html {
  return html`<p class="shares">
    ${chip('bad', `in ${holding.failed} of ${looked.failed} that failed`)}
    ${chip('ok', `in ${holding.passed} of ${looked.passed} that passed`)}
    ${looked.other === 0 ? html`` : chip('idle', `in ${holding.other} of ${looked.other} others`)}
  </p>`;
}

function progressLine({ builds, bytes: read, looked, state }: SearchProgress): Html {
  const done = looked.failed + looked.passed + looked.other;
  const count = `${done} of ${plural(builds, 'build')}, ${bytes(read)}`;
  switch (state) {
    case 'waiting':
      return html`<p class="soft">Other searches go first. This page goes on by itself.</p>`;
    case 'running':
      return html`<p class="soft">
        <progress max="${Math.max(1, builds)}" value="${done}" aria-label="Builds looked through"></progress> ${count}
        so far. This page goes on by itself.
      </p>`;
    case 'done':
      return html`<p class="soft">Looked through ${count}.</p>`;
    case 'stopped':
      return html`<p class="soft">Stopped after ${count}: a search may take three minutes.</p>`;
    case 'error':
      return html`<p class="problem">The search ended after ${count}; the log of sidegate says why.</p>`;
  }
}

function goOn({ fields }: SearchQuery, { rest, state }: SearchProgress): Html {
  if (rest === undefined || state === 'running' || state === 'waiting') return html``;
  return html`<p class="go-on"><a href="${searchAddress({ ...fields, before: rest })}">Search older builds</a></p>`;
}

function foundBuild({ literal }: SearchQuery, { build, logs, whole }: FoundBuild): Html {
  return html`<article class="found-build">
    <div class="found-head">
      ${buildChip(build)}
      <div class="what">${buildTitle(build, 'found', html`<span>${jobLabel(build)}</span>`)}</div>
      <span class="soft num">${utc(build.endedAt ?? build.queuedAt)}</span>
    </div>
    ${logs.slice(0, openLogs).map((log) => foundLog(literal, build, log))}
    ${folded(literal, build, logs.slice(openLogs))}
    ${whole ? html`` : html`<p class="soft">There is more in this build than was looked at.</p>`}
  </article>`;
}

function folded(literal: string | undefined, build: BuildRow, logs: readonly FoundLog[]): Html {
  if (logs.length === 0) return html``;
  return html`<details class="more-logs">
    <summary>${plural(logs.length, 'more log')} of this build</summary>
    ${logs.map((log) => foundLog(literal, build, log))}
  </details>`;
}

function foundLog(literal: string | undefined, build: BuildRow, { lines, name }: FoundLog): Html {
  const url = `/view/${pathTo(build.logPath + name)}`;
  return html`<h3 class="mono"><a href="${url}${findQuery(literal)}">${visible(name, 300)}</a></h3>
    <ol class="hits">
      ${lines.map(
        ({ line, text }) =>
          html`<li>
            <a class="num" href="${url}?line=${line}#L${line}" aria-label="Line ${line}">${line}</a>
            <code>${withMarks(visible(text, 400), literal)}</code>
          </li>`,
      )}
    </ol>`;
}

/** All lines of a log that hold the text; the viewer knows no expressions. */
function findQuery(literal: string | undefined): string {
  return literal === undefined ? '' : `?${new URLSearchParams({ find: literal }).toString()}`;
}

function withMarks(text: string, literal: string | undefined): Html {
  const at = literal === undefined ? -1 : text.indexOf(literal);
  if (literal === undefined || at < 0) return html`${text}`;
  const end = at + literal.length;
  return html`${text.slice(0, at)}<mark>${literal}</mark>${text.slice(end)}`;
}
