import { html } from 'hono/html';
import type { BackendRow, ShownSlotState, SlotRow } from '../../ports/status.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { ago, left } from '../time.ts';
import { buildWords, isOpen, slotWords } from './backend-parts.ts';
import { chip } from './parts.ts';
import type { Tone } from './parts.ts';

const slotTones = { leased: 'run', dirty: 'warn', quarantined: 'bad' } as const;

const none = html`<span class="soft none">–</span>`;

/** Each slot of a back end: who uses it, or why nobody can. */
export function slotTable(backend: BackendRow, now: number): Html {
  const { name, slots } = backend;
  const tones: Record<ShownSlotState, Tone> = { ...slotTones, free: isOpen(backend) ? 'ok' : 'idle' };
  return html`<table class="rows slots" aria-label="Slots of ${visible(name, 100)}">
    <thead>
      <tr>
        <th scope="col">Slot</th>
        <th scope="col">State</th>
        <th scope="col">Build</th>
        <th scope="col">Worker’s userids</th>
        <th scope="col">Guard</th>
        <th scope="col" class="right">Since</th>
      </tr>
    </thead>
    <tbody>
      ${slots.map((slot) => slotRow(slot, tones[slot.state], now))}
    </tbody>
  </table>`;
}

function slotRow(slot: SlotRow, tone: Tone, now: number): Html {
  return html`<tr class="slot ${slot.state}">
      <td class="slot-prefix"><span class="prefix">${visible(slot.prefix, 8)}</span></td>
      <td class="slot-state">${chip(tone, slotWords[slot.state])}</td>
      <td class="slot-build">${build(slot)}</td>
      <td class="slot-worker">${worker(slot)}</td>
      <td class="slot-guard">${guard(slot)}</td>
      <td class="right when">${ago(slot.since, now)}</td>
    </tr>
    ${trouble(slot, now)}`;
}

function build(slot: SlotRow): Html {
  if (slot.build === undefined) return none;
  return html`<a
    class="num"
    id="slot-${visible(slot.prefix, 8)}-${visible(slot.build, 60)}"
    href="/build/${encodeURIComponent(slot.build)}"
    >${buildWords(slot)}</a
  >`;
}

function worker({ workerPrefix, generation }: SlotRow): Html {
  if (workerPrefix === undefined) return none;
  return html`<span class="mono" title="First characters of every userid of its worker"
      >${visible(workerPrefix, 8)}…</span
    >
    <span class="soft num">generation ${generation}</span>`;
}

function guard({ guard: one }: SlotRow): Html {
  if (one === undefined) return none;
  const url = html`<span class="mono">${visible(one.url, 100)}</span>`;
  return one.open ? url : html`${url} ${chip('warn', 'Not open')}`;
}

/** A line of its own: what hinders a sweep may be long. */
function trouble({ state, detail, sweepAttempts, nextTryAt }: SlotRow, now: number): Html {
  if (state === 'free' || state === 'leased' || detail === '') return html``;
  const tries =
    state === 'dirty'
      ? html``
      : html` <span class="soft"
          >${plural(sweepAttempts, 'sweep')}
          failed${nextTryAt === undefined ? '' : html`, next try in ${left(nextTryAt, now)}`}</span
        >`;
  return html`<tr class="slot-trouble ${state}">
    <td class="none"></td>
    <td colspan="5">${visible(detail, 500)}${tries}</td>
  </tr>`;
}
