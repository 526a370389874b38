import { html } from 'hono/html';
import type { BackendRow, ShownSlotState, SlotRow } from '../../ports/status.ts';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';
import { chip } from './parts.ts';

export const slotWords: Record<ShownSlotState, string> = {
  free: 'free',
  leased: 'in use',
  dirty: 'to be cleared',
  quarantined: 'quarantined',
};

/** It takes builds as far as is known. */
export function isOpen({ healthy, drained, maintenance }: BackendRow): boolean {
  return healthy && drained === undefined && maintenance === undefined;
}

/** Out of order when nobody expects it to be. */
export function isSick({ healthy, drained, maintenance }: BackendRow): boolean {
  return !healthy && drained === undefined && maintenance === undefined;
}

/** Why it gets no builds, or that it is well. */
export function backendChips(backend: BackendRow): Html {
  const { healthy, drained, maintenance, checkedAt } = backend;
  const closed = html`${maintenance === undefined ? html`` : chip('run', 'Maintenance')}${drained === undefined ? html`` : chip('warn', 'Drained')}${healthy ? html`` : chip('bad', 'Out of order')}`;
  const well = checkedAt === undefined ? chip('idle', 'Not asked yet') : chip('ok', 'Healthy');
  return html`<span class="chips">${isOpen(backend) ? well : closed}</span>`;
}

export function backendLink(name: string): string {
  return `/backends#${backendAnchor(name)}`;
}

export function backendAnchor(name: string): string {
  return `backend-${encodeURIComponent(name)}`;
}

/** A build as people call it. */
export function buildWords({ change, build }: Pick<SlotRow, 'change' | 'build'>): string {
  return visible(change ?? build?.slice(0, 7) ?? '', 60);
}

/** A name in a command that will be copied into a shell. */
export function shellName(name: string): string {
  return /^[\w./@+-]{1,100}$/.test(name) && !name.startsWith('-') ? name : 'NAME';
}
