import { html } from 'hono/html';
import type { BackendRow } from '../../ports/status.ts';
import type { Section } from '../live-hub.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { ago, duration, left, utc } from '../time.ts';
import { backendAnchor, backendChips, isOpen, isSick, shellName } from './backend-parts.ts';
import { chip, emptyLine, factList } from './parts.ts';
import { slotTable } from './slots.ts';
import { section } from './status.ts';

interface Viewing {
  /** There is an operator password: what changes something is offered. */
  readonly mayChange: boolean;
  readonly now: number;
}

export function backendSections(backends: readonly BackendRow[], viewing: Viewing): readonly Section[] {
  return [
    section('summary', summaryData(backends), backendsSummary(backends)),
    section(
      'backends',
      backends,
      backends.length === 0
        ? emptyLine('No back end is configured.')
        : html`${backends.map((backend) => backendPanel(backend, viewing))}`,
    ),
  ];
}

export function backendsBody(sections: readonly Section[]): Html {
  const backends = sections.find(({ name }) => name === 'backends')?.html ?? html``;
  return html`<h1 class="sr">Back ends</h1>
    <div class="backends" sse-swap="backends">${backends}</div>`;
}

function summaryData(backends: readonly BackendRow[]): readonly unknown[] {
  return backends.map((backend) => [isOpen(backend), isSick(backend), backend.slots.map(({ state }) => state)]);
}

/** undefined: they are not known on this page. */
export function backendsSummary(backends: readonly BackendRow[] | undefined): Html {
  if (backends === undefined) return html`<span><a href="/backends">All back ends</a></span>`;
  const open = backends.filter(isOpen);
  const sick = backends.filter(isSick).length;
  const quarantined = count(backends, 'quarantined');
  const look = sick + quarantined > 0 ? chip('warn', 'Needs attention') : chip('ok', 'All well');
  const wrong = [
    ...(sick > 0 ? [`${sick} out of order`] : []),
    ...(quarantined > 0 ? [`${plural(quarantined, 'slot')} quarantined`] : []),
  ];
  const slots = backends.reduce((sum, backend) => sum + backend.slots.length, 0);
  return html`${backends.length === 0 ? chip('idle', 'None') : look}
    <span
      >${open.length} of ${plural(backends.length, 'back end')} in use, ${count(open, 'free')} of
      ${plural(slots, 'slot')} free${wrong.length > 0 ? html`. <b>${wrong.join(', ')}</b>` : ''}</span
    >`;
}

function count(backends: readonly BackendRow[], state: BackendRow['slots'][number]['state']): number {
  return backends.flatMap(({ slots }) => slots).filter((slot) => slot.state === state).length;
}

function backendPanel(backend: BackendRow, viewing: Viewing): Html {
  const { name, kind, system } = backend;
  const shared = kind === 'shared' ? 'shared' : 'for one build at a time';
  return html`<article
    class="panel backend ${backend.healthy ? '' : 'sick'}"
    id="${visible(backendAnchor(name), 300)}"
    aria-label="Back end ${visible(name, 100)}"
  >
    <div class="backend-head">
      <h2>${visible(name, 100)}</h2>
      <span class="soft">${shared}${system === name ? '' : html`, on ${visible(system, 100)}`}</span>
      ${backendChips(backend)} ${changeLink(backend, viewing)}
    </div>
    ${reasons(backend, viewing.now)}
    <p class="detail">${looked(backend, viewing.now)}</p>
    ${facts(backend)} ${slotTable(backend, viewing.now)}
  </article>`;
}

/** What is wrong is said above it. */
function looked({ healthy, detail, checkedAt }: BackendRow, now: number): Html {
  const look = checkedAt === undefined ? undefined : html`looked at ${ago(checkedAt, now)}`;
  if (!healthy || detail === '') return look ?? html``;
  return html`${visible(detail, 400)}${look === undefined ? '' : html` · ${look}`}`;
}

/** Taking it out of use asks for a reason, on a page of its own: what is typed here would be lost with the next change. */
function changeLink({ name, drained }: BackendRow, { mayChange }: Viewing): Html {
  const path = `/backends/${encodeURIComponent(name)}`;
  if (drained === undefined) return html`<a class="change" href="${path}/drain">Take out of use…</a>`;
  if (!mayChange) return html`<code class="change">sidegate backend resume ${shellName(name)}</code>`;
  return html`<form class="change" action="${path}/resume" method="post"><button>Take back into use</button></form>`;
}

function reasons({ maintenance, drained, healthy, detail, sickSince }: BackendRow, now: number): Html {
  return html`${
    maintenance === undefined
      ? html``
      : reason(
          'run',
          html`<b>Maintenance</b> until ${utc(maintenance.until).slice(0, 16)}, ${left(maintenance.until, now)} left:
            ${visible(maintenance.reason, 500)}`,
        )
  }${
    drained === undefined
      ? html``
      : reason(
          'warn',
          html`<b>Taken out of use</b> by ${visible(drained.by, 100)}, ${ago(drained.since, now)}:
            ${visible(drained.reason, 500)}`,
        )
  }${
    healthy
      ? html``
      : reason(
          'bad',
          html`<b>Out of order</b>${sickSince === undefined ? '' : html`, since ${ago(sickSince, now)}`}:
            ${visible(detail, 500)}`,
        )
  }`;
}

function reason(tone: 'run' | 'warn' | 'bad', words: Html): Html {
  return html`<p class="closed ${tone}">${words}</p>`;
}

function facts({ room, nextMaintenance, slots }: BackendRow): Html {
  const free = slots.filter(({ state }) => state === 'free').length;
  const rows: readonly (readonly [string, Html | string])[] = [
    ['Slots free', html`<span class="num">${free} of ${slots.length}</span>`],
    ['Memory left', amount(room?.memory, 1024, 'MiB', 'GiB')],
    ['Disk pool left', amount(room?.disk, 1024, 'GiB', 'TiB')],
    [
      'Next maintenance',
      nextMaintenance === undefined ? html`<span class="soft">none planned</span>` : next(nextMaintenance),
    ],
  ];
  return factList('figures', rows);
}

function next({ from, until, reason: why }: NonNullable<BackendRow['nextMaintenance']>): Html {
  const length = duration(Date.parse(until) - Date.parse(from))
    .replace(/ 00s$/, '')
    .replace(/ 00m$/, '');
  return html`<time class="num" datetime="${from}" title="until ${utc(until)}"
      >${weekday(from)} ${utc(from).slice(0, 16)}</time
    >
    <span class="soft">for ${length}, ${visible(why, 200)}</span>`;
}

function weekday(iso: string): string {
  return new Date(iso).toLocaleDateString('en', { weekday: 'short', timeZone: 'UTC' });
}

/** In the smaller unit below one of the larger. */
function amount(value: number | undefined, step: number, small: string, large: string): Html {
  if (value === undefined) return html`<span class="soft">not told</span>`;
  const text = value < step ? `${value} ${small}` : `${Math.round((value / step) * 10) / 10} ${large}`;
  return html`<span class="num">${text}</span>`;
}
