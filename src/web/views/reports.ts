import { html } from 'hono/html';
import { patchsetName } from '../../domain/patchset.ts';
import type { HeldReport, HoldReason, ReportDecision, StoppedJob } from '../../ports/report-store.ts';
import { plural, visible, visibleLines } from '../text.ts';
import type { Html } from '../text.ts';
import { ago } from '../time.ts';
import { chip, emptyLine } from './parts.ts';

interface Viewing {
  /** There is an operator password: deciding is offered. */
  readonly mayDecide: boolean;
  readonly now: number;
}

export function reportsSummary(held: number, stopped: number): Html {
  return html`${held + stopped > 0 ? chip('warn', 'Decide') : chip('idle', 'Nothing waits')}
    <span>${plural(held, 'report waits', 'reports wait')} for a person</span>${
      stopped === 0 ? html`` : html` <span>${plural(stopped, 'job is', 'jobs are')} not reported</span>`
    }`;
}

export function reportsBody(
  { held, stopped }: { readonly held: readonly HeldReport[]; readonly stopped: readonly StoppedJob[] },
  viewing: Viewing,
): Html {
  return html`<h1 class="sr">Reports that wait for a person</h1>
    <div class="wide">
      <p class="intro">
        <span
          >A bad vote waits here where a project has <code>votes: confirm</code>, and so does what is not reported
          because a job fails on every change. A new patchset takes it away.</span
        >
      </p>
      ${stopped.length === 0 ? html`` : stoppedPanel(stopped, viewing)}
      <section class="panel" aria-labelledby="h-held">
        <h2 id="h-held">Reports that wait</h2>
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

function stoppedPanel(stopped: readonly StoppedJob[], viewing: Viewing): Html {
  return html`<section class="panel" aria-labelledby="h-stopped">
    <h2 id="h-stopped">Jobs whose failures are not reported</h2>
    <ul class="holds">
      ${stopped.map((job) => stoppedItem(job, viewing))}
    </ul>
  </section>`;
}

function stoppedItem({ by, job, reason, since, waiting }: StoppedJob, { mayDecide, now }: Viewing): Html {
  return html`<li class="hold">
    <div class="line">
      <span class="strong mono">${visible(job, 64)}</span>
      <span class="when">${chip('warn', 'Stopped')}</span>
    </div>
    <p class="which">
      <span>${by === undefined ? 'by the storm brake' : html`by ${visible(by, 100)}`}</span>
      <span>${ago(new Date(since).toISOString(), now)}</span>
      <span>${plural(waiting, 'report waits', 'reports wait')} for it</span>
    </p>
    <p class="hold-detail">${visible(reason, 2000)}</p>
    ${mayDecide ? resumeButtons(job) : resumeCommands(job)}
  </li>`;
}

const fates = [
  ['rerun', 'Resume and test again'],
  ['post', 'Resume and post'],
  ['drop', 'Resume and drop'],
] as const;

function resumeButtons(job: string): Html {
  return html`<div class="buttons">
    ${fates.map(
      ([waiting, words]) =>
        html`<form action="/reports/jobs/${encodeURIComponent(job)}/${waiting}" method="post">
          <button>${words}</button>
        </form>`,
    )}
  </div>`;
}

function resumeCommands(job: string): Html {
  return html`<p class="soft">
    <code>sidegate report resume ${visible(job, 64)}</code> reports them again and tests what waited again;
    <code>--post</code> posts it, <code>--drop</code> drops it.
  </p>`;
}

function reportItem(report: HeldReport, { mayDecide, now }: Viewing): Html {
  const { buildset, heldFor, message, patchset, pipeline, since, stoppedJob } = report;
  return html`<li class="hold" id="report-${visible(buildset, 60)}">
    <div class="line">
      <span class="strong">${visible(patchset.subject, 300)}</span>
      <span class="when">${voteOf(report)}</span>
    </div>
    <p class="which">
      <a href="${patchset.url}">${visible(patchsetName(patchset), 300)}</a>
      <span>${visible(pipeline, 64)}</span>
      <span>${visible(patchset.branch, 200)}</span>
      <span>${reasons[heldFor]}${stoppedJob === undefined ? html`` : html` (${visible(stoppedJob, 64)})`}</span>
      <span>came ${ago(new Date(since).toISOString(), now)}</span>
    </p>
    <details class="fold">
      <summary>What would be posted</summary>
      <pre class="message" tabindex="0" aria-label="Text of the comment">${visibleLines(message.slice(0, 20_000))}</pre>
    </details>
    ${mayDecide ? buttons(buildset) : commands(buildset)}
  </li>`;
}

const reasons: Readonly<Record<HoldReason, string>> = {
  vote: 'a bad vote',
  unreadable: 'the summary tab would not show it',
  stopped: 'a job is not reported',
};

function voteOf({ vote }: HeldReport): Html {
  if (vote === undefined) return html`<span class="soft">no vote</span>`;
  const { label, value } = vote;
  const sign = value < 0 ? '−' : value > 0 ? '+' : '';
  return html`<span class="vote ${value < 0 ? 'bad' : 'ok'}"
    >${visible(label, 60)} <b class="num">${sign}${Math.abs(value)}</b></span
  >`;
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
