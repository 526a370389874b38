import { html } from 'hono/html';
import type { BuildFilter, BuildRow } from '../../ports/status.ts';
import { results, states } from '../query.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { finishedTable } from './build-cards.ts';
import { emptyLine } from './parts.ts';

export function buildsBody(filter: BuildFilter, builds: readonly BuildRow[], now: number): Html {
  return html`<h1 class="sr">Builds</h1>
    ${filterForm(filter)}
    <section class="panel" aria-labelledby="h-builds">
      <h2 id="h-builds">
        ${builds.length === filter.limit ? `Newest ${plural(builds.length, 'build')}` : plural(builds.length, 'build')}
      </h2>
      <div class="panel-body">
        ${builds.length === 0 ? emptyLine('No build fits this filter.') : finishedTable(builds, now)}
      </div>
    </section>
    ${builds.length === filter.limit && filter.limit < 500 ? html`<p><a href="/builds?${moreQuery(filter)}">Show 500</a></p>` : html``}`;
}

const stateWords = { queued: 'waiting', running: 'running', done: 'done' } as const;

function filterForm(filter: BuildFilter): Html {
  return html`<form class="filter panel" action="/builds" method="get" role="search">
    ${field('change', 'Change', html`<input id="f-change" name="change" inputmode="numeric" value="${filter.change ?? ''}" />`)}
    ${field('project', 'Project', html`<input id="f-project" name="project" value="${visible(filter.project ?? '', 200)}" maxlength="200" placeholder="openstack/nova" />`)}
    ${field('job', 'Job', html`<input id="f-job" name="job" value="${visible(filter.job ?? '', 200)}" maxlength="200" />`)}
    ${field(
      'result',
      'Result',
      html`<select id="f-result" name="result">
        <option value="">any</option>
        ${results.map((result) => html`<option${result === filter.result ? html` selected` : html``}>${result}</option>`)}
      </select>`,
    )}
    ${field(
      'state',
      'State',
      html`<select id="f-state" name="state">
        <option value="">any</option>
        ${states.map((state) => html`<option value="${state}" ${state === filter.state ? html` selected` : html``}>${stateWords[state]}</option>`)}
      </select>`,
    )}
    <div class="buttons"><button>Show</button><a href="/builds">Clear</a><a href="/enqueue">Queue a change</a></div>
  </form>`;
}

function field(name: string, words: string, input: Html): Html {
  return html`<div class="field"><label for="f-${name}">${words}</label>${input}</div>`;
}

function moreQuery(filter: BuildFilter): string {
  const given = Object.entries({ ...filter, limit: 500 }).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return new URLSearchParams(given).toString();
}
