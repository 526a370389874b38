import { html } from 'hono/html';
import type { BackendRow, BuildRow, ConnectionRow } from '../../ports/status.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { ago } from '../time.ts';
import { chip, emptyLine } from './parts.ts';

type Slot = BackendRow['slots'][number];

const slotWords: Record<Slot['state'], string> = { free: 'free', leased: 'in use', dirty: 'to be cleared' };

/** Each z/VM as a frame with its slots as bays. */
export function backendPictures(backends: readonly BackendRow[], builds: readonly BuildRow[]): Html {
  if (backends.length === 0) return emptyLine('No back end is configured.');
  return html`${backends.map((backend) => backendPicture(backend, builds))}`;
}

function backendPicture(backend: BackendRow, builds: readonly BuildRow[]): Html {
  return html`<article class="machine ${backend.healthy ? '' : 'sick'}">
    <div class="machine-head">
      <h3>${visible(backend.name, 100)}</h3>
      <span class="soft">${slotCount(backend)}</span>
      ${backend.healthy ? chip('ok', 'Healthy') : chip('bad', 'Out of order')}
    </div>
    <ul class="bays" aria-label="Slots of ${visible(backend.name, 100)}">
      ${backend.slots.map((slot) => bay(slot, builds))}
    </ul>
    <p class="detail">${visible(backend.detail, 400)}</p>
  </article>`;
}

function slotCount({ kind, slots }: BackendRow): string {
  return kind === 'shared' ? `shared, ${plural(slots.length, 'slot')}` : 'for one build at a time';
}

function bay(slot: Slot, builds: readonly BuildRow[]): Html {
  const build = builds.find((row) => row.id === slot.build);
  return html`<li class="bay ${slot.state}">
    <span class="prefix">${visible(slot.prefix, 8)}</span>
    <span class="bay-state">${slotWords[slot.state]}</span>
    ${bayBuild(slot, build)}
  </li>`;
}

function bayBuild(slot: Slot, build: BuildRow | undefined): Html {
  if (slot.build === undefined) return html``;
  const words =
    build === undefined ? visible(slot.build.slice(0, 7)) : `${build.patchset.number},${build.patchset.patchset}`;
  return html`<a
    class="num"
    id="bay-${visible(slot.prefix)}-${visible(slot.build)}"
    href="/build/${encodeURIComponent(slot.build)}"
    >${words}</a
  >`;
}

export function connectionList(connections: readonly ConnectionRow[], now: number): Html {
  if (connections.length === 0) return emptyLine('No Gerrit is configured.');
  return html`<ul class="lines">
    ${connections.map(
      (connection) =>
        html`<li>
          <div class="line">
            <span class="name strong">${visible(connection.name, 100)}</span>${connectionChip(connection.state)}
          </div>
          <div class="line soft"><span>${visible(connection.detail, 400)}</span></div>
          <div class="line soft">
            <span>Last event</span
            >${connection.lastEventAt === undefined ? html`<span>none yet</span>` : ago(connection.lastEventAt, now)}
          </div>
        </li>`,
    )}
  </ul>`;
}

function connectionChip(state: ConnectionRow['state']): Html {
  if (state === 'connected') return chip('ok', 'Connected');
  return state === 'connecting' ? chip('run', 'Connecting') : chip('bad', 'Failed');
}
