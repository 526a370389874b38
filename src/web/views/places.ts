import { html } from 'hono/html';
import type { BackendRow, ConnectionRow, ShownSlotState, SlotRow } from '../../ports/status.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { ago, utc } from '../time.ts';
import { backendChips, backendLink, buildWords, isSick, slotWords } from './backend-parts.ts';
import { chip, emptyLine } from './parts.ts';

/** With a place to break where a bay is narrow. */
const bayWords: Record<ShownSlotState, string> = { ...slotWords, quarantined: 'quaran\u00adtined' };

/** Each z/VM as a frame with its slots as bays. */
export function backendPictures(backends: readonly BackendRow[]): Html {
  if (backends.length === 0) return emptyLine('No back end is configured.');
  return html`${backends.map((backend) => backendPicture(backend))}`;
}

function backendPicture(backend: BackendRow): Html {
  return html`<article class="machine ${isSick(backend) ? 'sick' : ''}">
    <div class="machine-head">
      <h3><a href="${backendLink(backend.name)}">${visible(backend.name, 100)}</a></h3>
      <span class="soft">${slotCount(backend)}</span>
      ${backendChips(backend)}
    </div>
    <ul class="bays" aria-label="Slots of ${visible(backend.name, 100)}">
      ${backend.slots.map((slot) => bay(slot))}
    </ul>
    <p class="detail">${pictureDetail(backend)}</p>
  </article>`;
}

function slotCount({ kind, slots }: BackendRow): string {
  return kind === 'shared' ? `shared, ${plural(slots.length, 'slot')}` : 'for one build at a time';
}

/** Why it gets no builds, or what it says of itself. */
function pictureDetail({ maintenance, drained, detail }: BackendRow): string {
  if (maintenance !== undefined)
    return `Until ${utc(maintenance.until).slice(0, 16)} UTC: ${visible(maintenance.reason, 300)}`;
  if (drained !== undefined) return `By ${visible(drained.by, 100)}: ${visible(drained.reason, 300)}`;
  return visible(detail, 400);
}

function bay(slot: SlotRow): Html {
  return html`<li class="bay ${slot.state}" title="${visible(slot.state === 'leased' ? '' : slot.detail, 300)}">
    <span class="prefix"
      >${visible(slot.state === 'leased' ? (slot.workerPrefix ?? slot.prefix) : slot.prefix, 8)}</span
    >
    <span class="bay-state">${bayWords[slot.state]}</span>
    ${bayBuild(slot)}
  </li>`;
}

function bayBuild(slot: SlotRow): Html {
  if (slot.build === undefined) return html``;
  return html`<a
    class="num"
    id="bay-${visible(slot.prefix)}-${visible(slot.build)}"
    href="/build/${encodeURIComponent(slot.build)}"
    >${buildWords(slot)}</a
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
