import type { MaintenanceWindow } from './settings.ts';

export interface Maintenance {
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly reason: string;
}

export interface NextMaintenance extends Maintenance {
  readonly from: number;
}

const day = 24 * 3_600_000;
const week = 7 * day;

/** The window that `now` lies in; of several the one that ends last. */
export function maintenanceAt(windows: readonly MaintenanceWindow[], now: number): Maintenance | undefined {
  return windows.flatMap((window) => endOf(window, now) ?? []).toSorted((one, other) => other.until - one.until)[0];
}

/** The window that begins next. */
export function nextMaintenance(windows: readonly MaintenanceWindow[], now: number): NextMaintenance | undefined {
  return windows.flatMap((window) => comingOf(window, now) ?? []).toSorted((one, other) => one.from - other.from)[0];
}

function comingOf(window: MaintenanceWindow, now: number): NextMaintenance | undefined {
  const { reason } = window;
  if (window.kind === 'once') return now < window.from ? { from: window.from, until: window.until, reason } : undefined;
  const from = now - sinceBeginOf(window, now) + week;
  return { from, until: from + window.length, reason };
}

function endOf(window: MaintenanceWindow, now: number): Maintenance | undefined {
  const { reason } = window;
  if (window.kind === 'once') {
    return window.from <= now && now < window.until ? { until: window.until, reason } : undefined;
  }
  const sinceBegin = sinceBeginOf(window, now);
  return sinceBegin < window.length ? { until: now - sinceBegin + window.length, reason } : undefined;
}

/** Since the window began last. */
function sinceBeginOf({ day: weekday, from }: MaintenanceWindow & { kind: 'weekly' }, now: number): number {
  // 1970 began on a Thursday, day 4.
  return positiveRemainder(now - (weekday - 4) * day - from, week);
}

function positiveRemainder(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
