import { html } from 'hono/html';
import type { BuildRow } from '../../ports/status.ts';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';
import { running } from '../time.ts';
import {
  buildChip,
  buildTitle,
  elapsed,
  emptyLine,
  ended,
  jobLabel,
  serverLabel,
  slotLabel,
  testCounts,
} from './parts.ts';
import { steps, stepWords } from './step-words.ts';

/** There may be many more than are shown. */
export function runningCards(builds: readonly BuildRow[], all: number, now: number): Html {
  if (builds.length === 0) return emptyLine('Nothing is running.');
  return html`<ul class="cards">
      ${builds.map((build) => html`<li class="card build">${runningCard(build, now)}</li>`)}
    </ul>
    ${moreBuilds(all - builds.length, 'running')}`;
}

function moreBuilds(count: number, state: 'running' | 'queued'): Html {
  if (count <= 0) return html``;
  return html`<p class="more-rows"><a href="/builds?state=${state}&amp;limit=500">and ${count} more</a></p>`;
}

function runningCard(build: BuildRow, now: number): Html {
  return html`<div class="card-head">
      <div class="what">${buildTitle(build, 'run', jobLabel(build))}</div>
      <div class="total">${elapsed(build, now)}</div>
    </div>
    ${stepTrack(build, now)}
    <dl class="facts">
      <div>
        <dt>Test server</dt>
        <dd>${serverLabel(build)}</dd>
      </div>
      <div>
        <dt>z/VM and slot</dt>
        <dd>${slotLabel(build)}</dd>
      </div>
    </dl>`;
}

/** The six steps as a track; the current one carries its phase and how long it has lasted. */
export function stepTrack(build: BuildRow, now: number): Html {
  const current = build.step === undefined ? -1 : steps.indexOf(build.step);
  return html`<ol class="track" aria-label="Steps">
    ${steps.map((step, index) => {
      const { short, long } = stepWords(step);
      if (index !== current)
        return html`<li class="${index < current ? 'past' : 'future'}" title="${long}"><span>${short}</span></li>`;
      return html`<li class="now" aria-current="step" title="${long}">
        <span>${short}${phase(build)}</span> ${build.stepSince === undefined ? html`` : running(build.stepSince, now)}
      </li>`;
    })}
  </ol>`;
}

function phase(build: BuildRow): Html {
  return build.phase === undefined ? html`` : html`<b>${visible(build.phase, 80)}</b>`;
}

export function waitingTable(builds: readonly BuildRow[], all: number, now: number): Html {
  if (builds.length === 0) return emptyLine('Nothing is waiting.');
  return html`<table class="rows waiting">
      <thead>
        <tr>
          <th scope="col">Change</th>
          <th scope="col">Waits for</th>
          <th scope="col" class="right">Waiting</th>
        </tr>
      </thead>
      <tbody>
        ${builds.map(
          (build) =>
            html`<tr>
              <td class="what">${buildTitle(build, 'wait', jobLabel(build))}</td>
              <td class="waits">${visible(build.waitingFor ?? 'its turn', 300)}</td>
              <td class="right">${elapsed(build, now)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${moreBuilds(all - builds.length, 'queued')}`;
}

export function finishedTable(builds: readonly BuildRow[], now: number): Html {
  if (builds.length === 0) return emptyLine('No build has finished yet.');
  return html`<table class="rows finished">
    <thead>
      <tr>
        <th scope="col">Verdict</th>
        <th scope="col">Change</th>
        <th scope="col">Why</th>
        <th scope="col" class="right">Ended</th>
      </tr>
    </thead>
    <tbody>
      ${builds.map((build) => finishedRow(build, now))}
    </tbody>
  </table>`;
}

function finishedRow(build: BuildRow, now: number): Html {
  return html`<tr>
    <td>${buildChip(build)}</td>
    <td class="what">${buildTitle(build, 'done', jobLabel(build))}</td>
    <td class="why">${why(build)}</td>
    <td class="right when">
      ${build.state === 'done' ? ended(build, now) : html``} <span class="took">${took(build, now)}</span>
    </td>
  </tr>`;
}

/** Where the tests decided, their numbers say it all. */
function why({ state, result, reason, tests, waitingFor }: BuildRow): Html {
  if (state === 'queued') return html`<span class="reason">Waits for ${visible(waitingFor ?? 'its turn', 400)}</span>`;
  const numbers = tests === undefined ? html`` : testCounts(tests);
  if (tests !== undefined && (result === 'SUCCESS' || result === 'FAILURE')) return numbers;
  return html`<span class="reason">${visible(reason ?? '', 400)}</span>${numbers}`;
}

function took(build: BuildRow, now: number): Html {
  if (build.state === 'done') return html`took ${elapsed(build, now)}`;
  return html`${build.state === 'running' ? 'for' : 'waiting'} ${elapsed(build, now)}`;
}
