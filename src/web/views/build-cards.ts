import { html } from 'hono/html';
import type { BuildStep } from '../../domain/build.ts';
import type { BuildRow } from '../../ports/status.ts';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';
import { running } from '../time.ts';
import {
  buildChip,
  buildLink,
  elapsed,
  emptyLine,
  ended,
  jobLabel,
  serverLabel,
  slotLabel,
  subject,
  testCounts,
} from './parts.ts';

const steps: readonly BuildStep[] = ['boot', 'sweep', 'run', 'collect', 'judge', 'clean'];

export function runningCards(builds: readonly BuildRow[], now: number): Html {
  if (builds.length === 0) return emptyLine('Nothing runs now.');
  return html`<ul class="cards">
    ${builds.map((build) => html`<li class="card build">${runningCard(build, now)}</li>`)}
  </ul>`;
}

function runningCard(build: BuildRow, now: number): Html {
  return html`<div class="card-head">
      <div class="what">${buildLink(build, 'run')} ${subject(build)}</div>
      <div class="total">${elapsed(build, now)}</div>
    </div>
    ${jobLabel(build)} ${stepTrack(build, now)}
    <dl class="facts">
      <div>
        <dt>Server</dt>
        <dd>${serverLabel(build)}</dd>
      </div>
      <div>
        <dt>Slot</dt>
        <dd>${slotLabel(build)}</dd>
      </div>
    </dl>`;
}

/** The six steps as a track; the current one carries its phase and how long it has lasted. */
export function stepTrack(build: BuildRow, now: number): Html {
  const current = build.step === undefined ? -1 : steps.indexOf(build.step);
  return html`<ol class="track" aria-label="Steps">
    ${steps.map((step, index) => {
      if (index !== current) return html`<li class="${index < current ? 'past' : 'future'}"><span>${step}</span></li>`;
      return html`<li class="now" aria-current="step">
        <span>${step}${phase(build)}</span> ${build.stepSince === undefined ? html`` : running(build.stepSince, now)}
      </li>`;
    })}
  </ol>`;
}

function phase(build: BuildRow): Html {
  return build.phase === undefined ? html`` : html`<b>${visible(build.phase, 80)}</b>`;
}

export function waitingTable(builds: readonly BuildRow[], now: number): Html {
  if (builds.length === 0) return emptyLine('Nothing waits.');
  return html`<table class="rows waiting">
    <thead>
      <tr>
        <th scope="col">Patchset</th>
        <th scope="col">Job</th>
        <th scope="col">Waits for</th>
        <th scope="col" class="right">Since</th>
      </tr>
    </thead>
    <tbody>
      ${builds.map(
        (build) =>
          html`<tr>
            <td class="what">${buildLink(build, 'wait')} ${subject(build)}</td>
            <td>${jobLabel(build)}</td>
            <td class="waits">${visible(build.waitingFor ?? 'its turn', 300)}</td>
            <td class="right">${elapsed(build, now)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

export function finishedTable(builds: readonly BuildRow[], now: number): Html {
  if (builds.length === 0) return emptyLine('No build has finished yet.');
  return html`<table class="rows finished">
    <thead>
      <tr>
        <th scope="col">Verdict</th>
        <th scope="col">Patchset</th>
        <th scope="col">Job and reason</th>
        <th scope="col">Tests</th>
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
    <td class="what">${buildLink(build, 'done')} ${subject(build)}</td>
    <td class="why">
      ${jobLabel(build)}<span class="reason">${visible(build.reason ?? build.waitingFor ?? '', 400)}</span>
    </td>
    <td class="tests">${build.state === 'done' ? testCounts(build.tests) : html``}</td>
    <td class="right when">
      ${build.state === 'done' ? ended(build, now) : html``}<span class="took">${elapsed(build, now)}</span>
    </td>
  </tr>`;
}
