import { html } from 'hono/html';
import type { HoldRow } from '../../ports/status.ts';
import type { Section } from '../live-hub.ts';
import { plural, shortId, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { ago, left, utc } from '../time.ts';
import { chip, emptyLine } from './parts.ts';
import { panel, section } from './status.ts';

interface Viewing {
  /** There is an operator password: letting go is offered. */
  readonly mayRelease: boolean;
  readonly now: number;
}

export function holdSections(holds: readonly HoldRow[], viewing: Viewing): readonly Section[] {
  const of = (state: HoldRow['state']) => holds.filter((hold) => hold.state === state);
  const lines = (rows: readonly HoldRow[], none: string) =>
    rows.length === 0
      ? emptyLine(none)
      : html`<ul class="holds">
          ${rows.map((hold) => holdItem(hold, viewing))}
        </ul>`;
  return [
    section(
      'summary',
      holds.map(({ id, state }) => [id, state]),
      holdsSummary(holds),
    ),
    section('held', of('holding'), lines(of('holding'), 'No server is held.')),
    section('wishes', of('waiting'), lines(of('waiting'), 'No wish waits for a build.')),
    section('past', of('ended'), lines(of('ended'), 'None yet.')),
  ];
}

export function holdsBody(sections: readonly Section[]): Html {
  const part = (name: string) => sections.find((candidate) => candidate.name === name)?.html ?? html``;
  return html`<h1 class="sr">Held servers</h1>
    <div class="wide">
      <p class="intro">
        <span
          >The server of a build that fails can be kept for a person, who gets in with an SSH key. It is let go when its
          time is over.</span
        >
        <a class="button" href="/holds/new">Hold a server</a>
      </p>
      ${panel('Held servers', 'held', part('held'))} ${panel('Wishes that wait for a build', 'wishes', part('wishes'))}
      ${panel('Ended', 'past', part('past'))}
    </div>`;
}

/** undefined: they are not known on this page. */
export function holdsSummary(holds: readonly HoldRow[] | undefined): Html {
  if (holds === undefined) return html`<span><a href="/holds">All held servers</a></span>`;
  const held = holds.filter(({ state }) => state === 'holding').length;
  const waiting = holds.filter(({ state }) => state === 'waiting').length;
  return html`${held > 0 ? chip('warn', 'Holding') : chip('idle', 'Nothing held')}
    <span>${plural(held, 'server')} held, ${plural(waiting, 'wish', 'wishes')} waiting</span>`;
}

function holdItem(hold: HoldRow, viewing: Viewing): Html {
  return html`<li class="hold" id="hold-${visible(hold.id, 60)}">
    <div class="line">
      <span class="strong">${visible(hold.reason, 500)}</span>
      <span class="when">${timeOf(hold, viewing.now)}</span>
    </div>
    ${login(hold)}
    <p class="which">
      <span>for <b>${visible(hold.requestedBy, 100)}</b></span>
      <span>${wishWords(hold)}</span>
      ${hold.heldBuild === undefined ? html`` : html`<span>kept from build ${buildLink(hold.heldBuild)}</span>`}
      ${hold.server === undefined ? html`` : html`<span class="mono">${visible(hold.server, 100)}</span>`}
      <span>asked ${ago(hold.createdAt, viewing.now)}</span>
      ${hold.endedBy === undefined ? html`` : html`<span>ended by ${visible(hold.endedBy, 100)}</span>`}
    </p>
    ${hold.detail === '' ? html`` : html`<p class="hold-detail">${visible(hold.detail, 500)}</p>`}
    ${viewing.mayRelease && hold.state !== 'ended' ? releaseForm(hold) : html``}
  </li>`;
}

function timeOf({ state, until, endedAt }: HoldRow, now: number): Html {
  if (state === 'ended') return html`${chip('idle', 'Ended')} ${endedAt === undefined ? html`` : ago(endedAt, now)}`;
  const words = html`<span class="soft">until ${utc(until).slice(0, 16)}, </span>${left(until, now)}`;
  return html`${state === 'holding' ? chip('warn', 'Held') : chip('run', 'Waits')} <span>${words}</span>`;
}

function login({ state, login: place, keyAdded }: HoldRow): Html {
  if (state !== 'holding') return html``;
  if (place === undefined) return html`<p class="soft">Its address is not known.</p>`;
  const port = place.port === 22 ? '' : `-p ${place.port} `;
  const command = html`<code class="command">ssh ${port}${visible(`${place.user}@${place.address}`, 300)}</code>`;
  return keyAdded
    ? command
    : html`${command}
        <p class="soft">The key is not on it yet.</p>`;
}

function wishWords({ build, project, changeNumber, job }: HoldRow): Html {
  if (build !== undefined) return html`asked for build ${buildLink(build)}`;
  const parts = [
    ...(job === undefined ? [] : [html`of <span class="mono">${visible(job, 200)}</span>`]),
    ...(project === undefined ? [] : [html`in ${visible(project, 200)}`]),
    ...(changeNumber === undefined
      ? []
      : [html`for <a href="/builds?change=${changeNumber}">change ${changeNumber}</a>`]),
  ];
  return html`asked for the next
  failure${parts.length === 0 ? ' of any build' : html` ${parts.map((part, index) => html`${index > 0 ? ' ' : ''}${part}`)}`}`;
}

function buildLink(id: string): Html {
  return html`<a class="mono" href="/build/${encodeURIComponent(id)}">${visible(shortId(id), 7)}</a>`;
}

/** Two clicks: a server that was let go does not come back. */
function releaseForm({ id, state }: HoldRow): Html {
  const [words, sure] =
    state === 'holding' ? ['Release…', 'Delete this server now'] : ['Take back…', 'Take this wish back'];
  return html`<details class="release">
    <summary>${words}</summary>
    <form action="/holds/${encodeURIComponent(id)}/end" method="post"><button class="danger">${sure}</button></form>
  </details>`;
}
