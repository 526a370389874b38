import { html } from 'hono/html';
import { patchsetName } from '../../domain/patchset.ts';
import type { HeldReport, ReportDecision } from '../../ports/report-store.ts';
import { plural, visible, visibleLines } from '../text.ts';
import type { Html } from '../text.ts';
import { ago } from '../time.ts';
import { chip, emptyLine } from './parts.ts';

interface Viewing {
  /** There is an operator password: deciding is offered. */
  readonly mayDecide: boolean;
  readonly now: number;
}

export function reportsSummary(count: number): Html {
  return html`${count > 0 ? chip('warn', 'Decide') : chip('idle', 'Nothing waits')}
    <span>${plural(count, 'bad vote waits', 'bad votes wait')} for a person</span>`;
}

export function reportsBody(held: readonly HeldReport[], viewing: Viewing): Html {
  return html`<h1 class="sr">Reports that wait for a person</h1>
    <div class="wide">
      <p class="intro">
        <span
          >Where a project has <code>votes: confirm</code>, a bad vote is posted only when a person has looked at it. A
          new patchset takes it away.</span
        >
      </p>
      <section class="panel" aria-labelledby="h-held">
        <h2 id="h-held">Bad votes that wait</h2>
        ${
          held.length === 0
            ? emptyLine('No report waits.')
            : html`<ul class="holds">
                ${held.map((report) => reportItem(report, viewing))}
              </ul>`
        }
      </section>
    </div>`;
}

function reportItem(report: HeldReport, { mayDecide, now }: Viewing): Html {
  const { buildset, message, patchset, pipeline, since, vote } = report;
  return html`<li class="hold" id="report-${visible(buildset, 60)}">
    <div class="line">
      <span class="strong">${visible(patchset.subject, 300)}</span>
      <span class="when"
        ><span class="vote bad"
          >${visible(vote?.label ?? '', 60)} <b class="num">−${-(vote?.value ?? 0)}</b></span
        ></span
      >
    </div>
    <p class="which">
      <a href="${patchset.url}">${visible(patchsetName(patchset), 300)}</a>
      <span>${visible(pipeline, 64)}</span>
      <span>${visible(patchset.branch, 200)}</span>
      <span>came ${ago(new Date(since).toISOString(), now)}</span>
    </p>
    <details class="fold">
      <summary>What would be posted</summary>
      <pre class="message" tabindex="0" aria-label="Text of the comment">${visibleLines(message.slice(0, 20_000))}</pre>
    </details>
    ${mayDecide ? buttons(buildset) : commands(buildset)}
  </li>`;
}

const choices: readonly (readonly [ReportDecision, string])[] = [
  ['confirm', 'Post it with its vote'],
  ['downgrade', 'Post it without the vote'],
  ['drop', 'Do not post it'],
];

function buttons(buildset: string): Html {
  return html`<div class="buttons">
    ${choices.map(
      ([decision, words]) =>
        html`<form action="/reports/${encodeURIComponent(buildset)}/${decision}" method="post">
          <button>${words}</button>
        </form>`,
    )}
  </div>`;
}

function commands(buildset: string): Html {
  const id = visible(buildset.slice(0, 7), 7);
  return html`<p class="soft">
    <code>sidegate report confirm ${id}</code> posts it, <code>downgrade</code> without the vote, <code>drop</code> not
    at all.
  </p>`;
}
