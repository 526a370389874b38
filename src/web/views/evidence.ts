import { html } from 'hono/html';
import { countNeverStarted } from '../../domain/guard/evidence.ts';
import type { Evidence, EvidenceCall } from '../../domain/guard/evidence.ts';
import { feilongTraceFile } from '../../domain/log-path.ts';
import type { BuildDetail } from '../../ports/status.ts';
import { pathTo, plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { clock } from '../time.ts';
import { emptyLine } from './parts.ts';
import { testName } from './test-name.ts';

const maxShown = 50;
const maxTests = 4;

/** What the build did on z/VM, by the calls through its guard. */
export function evidencePanel(build: BuildDetail): Html {
  const { evidence } = build;
  if (evidence === undefined) return emptyLine(noneYet(build));
  return html`${neverStarted(evidence)} ${outage(evidence)} ${figures(evidence)}
    ${calls(plural(evidence.refused, 'call') + ' refused by the guard', evidence.refusals, evidence.refused)}
    ${calls(plural(evidence.failed, 'error') + ' from Feilong', evidence.errors, evidence.failed)}
    <p class="more-rows">
      <a href="/logs/${pathTo(build.logPath + feilongTraceFile)}">All ${plural(evidence.calls, 'call')} to Feilong</a>
    </p>`;
}

function noneYet({ state, backend }: BuildDetail): string {
  if (backend === undefined) return state === 'done' ? 'It used no back end.' : 'It has no slot of a back end.';
  return state === 'done'
    ? 'No call through a guard is known of it.'
    : 'It is drawn from the calls to Feilong when the build ends.';
}

function neverStarted(evidence: Evidence): Html {
  const guests = evidence.neverStarted;
  if (guests.length === 0) return html``;
  const count = countNeverStarted(evidence);
  return html`<div class="closed warn">
    <p>
      <b>${plural(count, 'guest was', 'guests were')} deployed and never started.</b> Nova may have called
      ${count === 1 ? 'a server' : 'servers'} ACTIVE whose guest never ran: tests that only ask the API do not notice.
    </p>
    <p class="userids">
      ${guests.slice(0, maxShown).map((userid) => html`<span class="prefix">${visible(userid, 8)}</span> `)}${count > guests.length ? html`<span class="soft">and ${count - guests.length} more</span>` : ''}
    </p>
  </div>`;
}

function outage({ outage: first }: Evidence): Html {
  if (first === undefined) return html``;
  return html`<p class="closed bad"><b>Feilong was out of order meanwhile.</b> ${visible(first, 500)}</p>`;
}

function figures({ created, deployed, started, deleted }: Evidence): Html {
  const rows = [
    ['Guests created', created],
    ['Deployed', deployed],
    ['Started', started],
    ['Deleted', deleted],
  ] as const;
  return html`<dl class="figures evidence">
    ${rows.map(
      ([name, count]) =>
        html`<div>
          <dt>${name}</dt>
          <dd class="num">${count}</dd>
        </div>`,
    )}
  </dl>`;
}

function calls(title: string, listed: readonly EvidenceCall[], count: number): Html {
  if (count === 0) return html``;
  const shown = listed.slice(0, maxShown);
  return html`<details class="fold">
    <summary>${title}</summary>
    <ul class="calls">
      ${shown.map(
        ({ at, call, text, tests }) =>
          html`<li>
            <span class="line"><span class="mono">${visible(call, 300)}</span>${clock(at)}</span>
            <span class="reason">${visible(text, 500)}</span> ${during(tests)}
          </li>`,
      )}
    </ul>
    ${count > shown.length ? html`<p class="soft">${plural(count - shown.length, 'more is', 'more are')} among all calls.</p>` : html``}
  </details>`;
}

/** What ran at that time need not be what called. */
function during(tests: readonly string[]): Html {
  if (tests.length === 0) return html``;
  const names = tests
    .slice(0, maxTests)
    .map(
      (id, index) =>
        html`${index > 0 ? ', ' : ''}<span class="mono" title="${visible(id, 600)}"
            >${visible(testName(id).method, 200)}</span
          >`,
    );
  const more = tests.length > maxTests ? ` and ${tests.length - maxTests} more` : '';
  return html`<span class="reason">While ${names}${more} ran</span>`;
}
