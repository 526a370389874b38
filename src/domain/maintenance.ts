import type { MaintenanceWindow } from './settings.ts';

export interface Maintenance {
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly reason: string;
}

const day = 24 * 3_600_000;
const week = 7 * day;

/** The window that `now` lies in; of several the one that ends last. */
export function maintenanceAt(windows: readonly MaintenanceWindow[], now: number): Maintenance | undefined {
  return windows.flatMap((window) => endOf(window, now) ?? []).toSorted((one, other) => other.until - one.until)[0];
}

function endOf(window: MaintenanceWindow, now: number): Maintenance | undefined {
  const { reason } = window;
  if (window.kind === 'once') {
    return window.from <= now && now < window.until ? { until: window.until, reason } : undefined;
  }
  // 1970 began on a Thursday, day 4.
  const sinceBegin = positiveRemainder(now - (window.day - 4) * day - window.from, week);
  return sinceBegin < window.length ? { until: now - sinceBegin + window.length, reason } : undefined;
}

function positiveRemainder(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
