import { html } from 'hono/html';
import type { FailedBootRow, Overview, ServerCount, ServerRow, ShownServerState } from '../../ports/status.ts';
import { pathTo, plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { ago, left, running } from '../time.ts';
import { chip, emptyLine, serverName } from './parts.ts';
import type { Tone } from './parts.ts';

const states: readonly ShownServerState[] = ['in use', 'building', 'ready', 'image', 'held', 'deleting'];
const tones: Record<ShownServerState, Tone> = {
  'in use': 'run',
  building: 'run',
  ready: 'ok',
  image: 'run',
  held: 'warn',
  deleting: 'idle',
};
const words: Record<ShownServerState, string> = {
  'in use': 'in use',
  building: 'booting',
  ready: 'ready',
  image: 'for an image',
  held: 'held',
  deleting: 'deleting',
};

/** Counts of all; one by one only those somebody may have to look at, unless there are few. */
export function serverPanel(view: Pick<Overview, 'servers' | 'serverCounts'>, now: number): Html {
  const all = view.serverCounts.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return emptyLine('There is none now.');
  const few = view.servers.length >= all;
  const listed = view.servers.filter(({ state }) => few || (state !== 'in use' && state !== 'ready'));
  return html`${labelCounts(view.serverCounts)}
  ${
    listed.length === 0
      ? html``
      : html`<ul class="lines servers">
          ${listed.map((server) => html`<li>${serverLines(server, now)}</li>`)}
        </ul>`
  }
  ${few ? html`` : html`<p class="soft more-rows">${all - listed.length} more are only counted.</p>`}`;
}

function labelCounts(counts: readonly ServerCount[]): Html {
  const labels = [...new Set(counts.map(({ label }) => label))];
  return html`<ul class="label-counts">
    ${labels.map((label) => {
      const byState = states.map((state) => ({ state, count: sum(counts, label, state) }));
      const all = byState.reduce((total, { count }) => total + count, 0);
      return html`<li>
        <div class="line"><span class="strong">${visible(label, 100)}</span><span class="num">${all}</span></div>
        ${countBar(byState, all)}
        <p class="detail num">
          ${byState
            .filter(({ count }) => count > 0)
            .map(({ state, count }) => `${count} ${words[state]}`)
            .join(' · ')}
        </p>
      </li>`;
    })}
  </ul>`;
}

function sum(counts: readonly ServerCount[], label: string, state: ShownServerState): number {
  return counts.reduce((all, one) => all + (one.label === label && one.state === state ? one.count : 0), 0);
}

function countBar(parts: readonly { state: ShownServerState; count: number }[], all: number): Html {
  let at = 0;
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    ${parts.map(({ state, count }) => {
      const width = (count / Math.max(1, all)) * 100;
      at += width;
      return count === 0
        ? html``
        : html`<rect class="s-${state.replace(' ', '-')}" x="${at - width}" width="${width}" height="8" />`;
    })}
  </svg>`;
}

function serverLines(server: ServerRow, now: number): Html {
  return html`<div class="line">
      <span class="mono name" title="${visible(server.id, 100)}">${serverName(server.name)}</span>${stateChip(server)}
    </div>
    <div class="line soft">
      <span>${place(server)}</span
      >${server.held === undefined ? running(server.since, now) : html`<span class="num">${left(server.held.until, now)} left</span>`}
    </div>
    ${more(server)}`;
}

function stateChip({ state, stuck }: ServerRow): Html {
  return stuck ? chip('bad', 'stuck') : chip(tones[state] ?? 'idle', words[state] ?? state);
}

/** `small · ci, az2 · 10.0.0.5 · attempt 2` */
function place({ label, cloud, zone, address, attempt }: ServerRow): Html {
  const where = zone === undefined ? visible(cloud, 60) : `${visible(cloud, 60)}, ${visible(zone, 60)}`;
  return html`${visible(label, 100)} ·
  ${where}${address === undefined ? '' : html` · <span class="num">${visible(address, 60)}</span>`}${attempt > 1 ? html` <span class="tag">attempt ${attempt}</span>` : ''}`;
}

function more({ state, held, stuck, deleteAttempts, detail }: ServerRow): Html {
  if (held !== undefined)
    return html`<p class="detail">for <b>${visible(held.by, 100)}</b>, <a href="/holds">how to log in</a></p>`;
  if (state !== 'deleting') return html``;
  const tries = stuck || deleteAttempts > 2 ? `${plural(deleteAttempts, 'attempt')}` : '';
  const text = [tries, visible(detail, 200)].filter((part) => part !== '').join('; ');
  return text === '' ? html`` : html`<p class="detail ${stuck ? 'bad' : ''}">${text}</p>`;
}

/** Boots of late that failed, with what the server said on its console. */
export function failedBootList(boots: readonly FailedBootRow[], now: number): Html {
  if (boots.length === 0) return html``;
  return html`<details class="fold boots">
    <summary>${plural(boots.length, 'failed boot')} of late</summary>
    <ul class="lines">
      ${boots.map(
        (boot) =>
          html`<li>
            <div class="line"><span class="mono name">${serverName(boot.name)}</span>${ago(boot.at, now)}</div>
            <p class="detail">
              ${visible(boot.label, 100)} ·
              ${visible(boot.cloud, 60)}${boot.zone === undefined ? '' : `, ${visible(boot.zone, 60)}`} · attempt
              ${boot.attempt}
            </p>
            <p class="detail">${visible(boot.detail, 300)}</p>
            ${boot.logPath === undefined ? html`` : html`<p><a href="/logs/${pathTo(boot.logPath)}">Console</a></p>`}
          </li>`,
      )}
    </ul>
  </details>`;
}
