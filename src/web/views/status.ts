import { html } from 'hono/html';
import type { EventRow, NoticeRow, Overview } from '../../ports/status.ts';
import type { Section } from '../live-hub.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { ago, clock } from '../time.ts';
import { isOpen, isSick } from './backend-parts.ts';
import { finishedTable, runningCards, waitingTable } from './build-cards.ts';
import { cloudPictures } from './clouds.ts';
import { chip, emptyLine } from './parts.ts';
import type { Tone } from './parts.ts';
import { backendPictures, connectionList } from './places.ts';
import { failedBootList, serverPanel } from './servers.ts';

/** Everything on the status page that changes, one section each. */
export function statusSections(view: Overview, now: number): readonly Section[] {
  return [
    section('summary', summaryData(view), summary(view)),
    section('notices', view.notices, notices(view.notices, now)),
    section('running', [view.running, view.totals.running], runningCards(view.running, view.totals.running, now)),
    section('waiting', [view.waiting, view.totals.waiting], waitingTable(view.waiting, view.totals.waiting, now)),
    section('finished', view.finished, finishedTable(view.finished, now)),
    section('backends', pictured(view.backends), backendPictures(view.backends)),
    section('clouds', view.clouds, cloudPictures(view.clouds, now)),
    section('servers', [view.servers, view.serverCounts], serverPanel(view, now)),
    section('boots', view.failedBoots, failedBootList(view.failedBoots, now)),
    section('connections', view.connections, connectionList(view.connections, now)),
    section('events', view.events, eventTable(view.events)),
  ];
}

/** What is not shown here changes all the time. */
function pictured(backends: Overview['backends']): readonly unknown[] {
  return backends.map((backend) => ({
    ...backend,
    checkedAt: backend.checkedAt === undefined,
    room: undefined,
    nextMaintenance: undefined,
  }));
}

export function section(name: string, data: unknown, markup: Html): Section {
  return { name, key: JSON.stringify(data) ?? '', html: markup };
}

export function statusBody(sections: readonly Section[]): Html {
  const part = (name: string) => sections.find((candidate) => candidate.name === name)?.html ?? html``;
  const boots = html`<div sse-swap="boots">${part('boots')}</div>`;
  return html`<h1 class="sr">Status</h1>
    <div sse-swap="notices">${part('notices')}</div>
    <div class="columns status">
      <div class="wide">
        ${panel('Running', 'running', part('running'), { look: 'bare' })}
        ${panel('Waiting', 'waiting', part('waiting'))} ${panel('Last verdicts', 'finished', part('finished'))}
        ${panel('Events from Gerrit', 'events', part('events'))}
      </div>
      <div class="narrow">
        ${panel('Back ends', 'backends', part('backends'))} ${panel('Clouds', 'clouds', part('clouds'))}
        ${panel('Test servers', 'servers', part('servers'), { more: boots })}
        ${panel('Gerrit', 'connections', part('connections'))}
      </div>
    </div>`;
}

/** `more`: what is swapped on its own. */
export function panel(title: string, name: string, content: Html, { look = '', more = html`` } = {}): Html {
  return html`<section class="panel ${look}" aria-labelledby="h-${name}">
    <h2 id="h-${name}">${title}</h2>
    <div class="panel-body" sse-swap="${name}">${content}</div>
    ${more}
  </section>`;
}

function summaryData(view: Overview): readonly unknown[] {
  return [view.totals, view.notices.length, trouble(view), slotCounts(view), held(view), view.uploadsWaiting];
}

export function summary(view: Overview): Html {
  const wrong = trouble(view);
  const { free, all } = slotCounts(view);
  return html`${wrong.length === 0 ? chip('ok', 'All well') : chip('warn', 'Needs attention')}
    <span
      >${load(view)}${all > 0 ? `, ${free} of ${plural(all, 'slot')} free` : ''}${servers(view)}${uploads(view)}${
        wrong.length > 0 ? html`. <b>${wrong.join(', ')}</b>` : ''
      }</span
    >`;
}

function load({ totals: { running, waiting } }: Overview): string {
  if (running === 0 && waiting === 0) return 'Nothing is running or waiting';
  return `${plural(running, 'build')} running, ${waiting} waiting`;
}

/** The numbers change with every build; here only what people keep. */
function servers(view: Overview): Html | string {
  const count = held(view);
  return count === 0 ? '' : html`, <a href="/holds">${plural(count, 'server')} held</a>`;
}

function uploads({ uploadsWaiting = 0 }: Overview): string {
  return uploadsWaiting === 0 ? '' : `, logs of ${plural(uploadsWaiting, 'build')} wait to be uploaded`;
}

function held({ serverCounts }: Overview): number {
  return serverCounts.reduce((sum, { state, count }) => sum + (state === 'held' ? count : 0), 0);
}

function trouble(view: Overview): readonly string[] {
  const sick = view.backends
    .filter((backend) => isSick(backend))
    .map((backend) => `${visible(backend.name, 60)} is out of order`);
  const quarantined = view.backends.flatMap(({ slots }) => slots).filter(({ state }) => state === 'quarantined').length;
  const lost = view.clouds
    .filter(({ healthy }) => healthy === false)
    .map(({ name }) => `${visible(name, 60)} is out of order`);
  const cut = view.connections
    .filter((one) => one.state === 'failed')
    .map((one) => `${visible(one.name, 60)} cannot be reached`);
  return [
    ...cut,
    ...lost,
    ...sick,
    ...(quarantined > 0 ? [`${plural(quarantined, 'slot')} quarantined`] : []),
    ...(view.notices.length > 0 ? [plural(view.notices.length, 'open notice')] : []),
  ];
}

function slotCounts(view: Overview): { free: number; all: number } {
  const slots = view.backends.flatMap((backend) => backend.slots);
  const usable = view.backends.filter(isOpen).flatMap((backend) => backend.slots);
  return { free: usable.filter((slot) => slot.state === 'free').length, all: slots.length };
}

function notices(rows: readonly NoticeRow[], now: number): Html {
  if (rows.length === 0) return html``;
  return html`<section class="notices" aria-label="Notices to the operator">
    ${rows.map(
      (row) =>
        html`<article class="notice">
          <div class="notice-head">
            <span class="mono">${visible(row.code, 60)}</span
            ><span class="soft">${row.count > 1 ? `${row.count} times, last ` : ''}${ago(row.lastAt, now)}</span>
          </div>
          <p>${visible(row.text, 1000)}</p>
          <p class="todo"><b>To do</b> ${visible(row.todo, 1000)}</p>
        </article>`,
    )}
  </section>`;
}

function eventTable(events: readonly EventRow[]): Html {
  if (events.length === 0) return emptyLine('No event has been heard yet.');
  return html`<table class="rows events">
    <thead>
      <tr>
        <th scope="col">Time</th>
        <th scope="col">Event</th>
        <th scope="col">Change</th>
        <th scope="col">What was done, and why</th>
      </tr>
    </thead>
    <tbody>
      ${events.map(
        (event) =>
          html`<tr>
            <td>${clock(event.at)}</td>
            <td class="mono">${visible(event.type, 60)}</td>
            <td>${visible(event.patchset, 200)}</td>
            <td class="why">
              <span class="decision ${decisionTone(event.decision)}">${visible(event.decision, 60)}</span>
              <span class="reason">${visible(event.reason, 400)}</span>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function decisionTone(decision: string): Tone {
  return /ignor|skip|none/i.test(decision) ? 'idle' : 'run';
}
