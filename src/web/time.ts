import { html } from 'hono/html';
import type { Html } from './text.ts';

/** `1h 02m 03s`, as Zuul writes it in its reports. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  if (h > 0) return `${h}h ${two(m)}m ${two(seconds % 60)}s`;
  return m > 0 ? `${m}m ${two(seconds % 60)}s` : `${seconds}s`;
}

export function between(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isFinite(ms) ? ms : undefined;
}

/** Coarse age: `just now`, `5m ago`, `3h ago`, `2d ago`. */
function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes}m ago`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)}h ago` : `${Math.floor(minutes / 1440)}d ago`;
}

/** `2026-11-22 17:03:09 UTC`. */
export function utc(iso: string): string {
  const time = Date.parse(iso);
  return Number.isFinite(time) ? `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC` : 'unknown time';
}

function iso(time: string): string {
  const ms = Date.parse(time);
  return Number.isFinite(ms) ? new Date(ms).toISOString() : '';
}

/** A duration that `app.js` lets run on. */
export function running(since: string, now: number): Html {
  return html`<time class="num" datetime="${iso(since)}" data-since="${iso(since)}" title="since ${utc(since)}"
    >${duration(now - Date.parse(since))}</time
  >`;
}

/** Time that is left, which `app.js` lets run down. */
export function left(until: string, now: number): Html {
  return html`<time class="num" datetime="${iso(until)}" data-until="${iso(until)}" title="until ${utc(until)}"
    >${duration(Date.parse(until) - now)}</time
  >`;
}

/** An age that `app.js` keeps right. */
export function ago(at: string, now: number): Html {
  return html`<time class="num" datetime="${iso(at)}" data-ago="${iso(at)}" title="${utc(at)}"
    >${age(now - Date.parse(at))}</time
  >`;
}

/** A time of day; the full time is one hover away. */
export function clock(at: string): Html {
  return html`<time class="num" datetime="${iso(at)}" title="${utc(at)}">${utc(at).slice(11, 19)}</time>`;
}
