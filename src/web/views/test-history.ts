import { html } from 'hono/html';
import { historyFigures, isFailure } from '../../domain/test-history.ts';
import type { PassRate } from '../../domain/test-history.ts';
import { isPatchset, testedName } from '../../domain/tested-ref.ts';
import type { TestRun } from '../../ports/status.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { utc } from '../time.ts';
import { chip, emptyLine, factList } from './parts.ts';
import { testPlaces } from './test-places.ts';
import { failures, outcomeWords, testName, took } from './tests.ts';

export function testHistorySummary(runs: readonly TestRun[]): Html {
  return html`<span class="soft">${runs.length === 0 ? 'No run' : `Newest ${plural(runs.length, 'run')}`}</span>`;
}

/** Names of the files of a build, by its id, for the failed runs that have links into the logs. */
export type FilesOfBuilds = ReadonlyMap<string, readonly string[]>;

export function testHistoryBody(id: string, runs: readonly TestRun[], files: FilesOfBuilds): Html {
  const { method, path } = testName(id);
  return html`<h1 class="mono test-title" title="${visible(id, 600)}">
      ${visible(method, 300)} <span class="soft path">${visible(path, 300)}</span>
    </h1>
    <p class="after-title">
      <a href="/search?${new URLSearchParams({ test: path.slice(0, 200) || method.slice(0, 200) }).toString()}"
        >Find tests like it</a
      >
    </p>
    ${
      runs.length === 0
        ? html`<section class="panel">${emptyLine('No build that is kept ran this test.')}</section>`
        : html`${figures(runs)}
            <section class="panel" aria-labelledby="h-runs">
              <h2 id="h-runs">Runs</h2>
              <div class="panel-body">
                ${strip(runs)}
                <p class="soft">Above, the oldest comes first; below, the newest.</p>
                ${table(runs, files)}
              </div>
            </section>`
    }`;
}

function figures(runs: readonly TestRun[]): Html {
  const found = historyFigures(runs.map((run) => ({ ...run, isOfBranch: !isPatchset(run.tested) })));
  const { firstFailure, lastFailure, medianDuration, ofBranches, ofChanges } = found;
  return html`<section class="panel history" aria-label="Figures">
    ${factList('figures', [
      ['On changes', rate(ofChanges)],
      ['On branches', rate(ofBranches)],
      ['Median duration', medianDuration === undefined ? 'unknown' : `${(medianDuration / 1000).toFixed(2)} s`],
      ['First failure of these', firstFailure === undefined ? 'none' : utc(firstFailure)],
      ['Last failure', lastFailure === undefined ? 'none' : utc(lastFailure)],
    ])}
  </section>`;
}

function rate({ failed, passed }: PassRate): string {
  const all = passed + failed;
  return all === 0 ? 'not run' : `passed ${passed} of ${all} (${Math.round((passed / all) * 100)} %)`;
}

/** All runs at one glance, the oldest first, as time goes. */
function strip(runs: readonly TestRun[]): Html {
  return html`<ol class="strip" aria-label="Runs, oldest first">
    ${runs.toReversed().map(
      (run) =>
        html`<li>
          <a
            class="${isFailure(run.outcome) ? 'bad' : run.outcome === 'passed' ? 'ok' : 'idle'}"
            href="/build/${run.build}"
            title="${visible(`${outcomeWords[run.outcome]}: ${testedName(run.tested)}, ${utc(run.at)}`, 300)}"
            ><span class="sr">${outcomeWords[run.outcome]}, ${utc(run.at)}</span></a
          >
        </li>`,
    )}
  </ol>`;
}

function table(runs: readonly TestRun[], files: FilesOfBuilds): Html {
  return html`<table class="rows runs">
    <thead>
      <tr>
        <th scope="col">Outcome</th>
        <th scope="col">Tested</th>
        <th scope="col">Job</th>
        <th scope="col" class="right">Took</th>
        <th scope="col" class="right">When</th>
      </tr>
    </thead>
    <tbody>
      ${runs.map(
        (run) =>
          html`<tr>
            <td>
              ${chip(isFailure(run.outcome) ? 'bad' : run.outcome === 'passed' ? 'ok' : 'idle', outcomeWords[run.outcome])}
            </td>
            <td><a href="/build/${run.build}">${visible(testedName(run.tested), 300)}</a>${placesOf(run, files)}</td>
            <td class="mono">${visible(run.job, 200)}</td>
            <td class="right">${took(run)}</td>
            <td class="right soft">${utc(run.at)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function placesOf({ startedAt, ...run }: TestRun, files: FilesOfBuilds): Html {
  const names = files.get(run.build);
  if (names === undefined || run.logPath === undefined || !failures.includes(run.outcome)) return html``;
  const began = startedAt === undefined ? undefined : Date.parse(startedAt);
  return testPlaces({ ...run, logPath: run.logPath, files: names, startedAt: began });
}
