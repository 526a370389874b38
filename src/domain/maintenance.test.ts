import { describe, expect, test } from 'vitest';
import { maintenanceAt, nextMaintenance } from './maintenance.ts';
import type { MaintenanceWindow } from './settings.ts';

const hour = 3_600_000;
const at = (text: string) => Date.parse(text);
const sunday: MaintenanceWindow = { kind: 'weekly', day: 0, from: 2 * hour, length: 2 * hour, reason: 'IPL' };

describe('maintenance', () => {
  test.each([
    ['2026-11-29T01:59:59Z', undefined],
    ['2026-11-29T02:00:00Z', '2026-11-29T04:00:00Z'],
    ['2026-11-29T03:59:59Z', '2026-11-29T04:00:00Z'],
    ['2026-11-29T04:00:00Z', undefined],
    ['2026-11-30T03:00:00Z', undefined],
  ])('every Sunday from 2 to 4: %s', (now, until) => {
    const found = maintenanceAt([sunday], at(now));

    expect(found && new Date(found.until).toISOString().replace('.000', '')).toBe(until);
  });

  test('a weekly window goes past midnight and into the next week', () => {
    const saturday: MaintenanceWindow = { kind: 'weekly', day: 6, from: 23 * hour, length: 2 * hour, reason: 'IPL' };

    expect(maintenanceAt([saturday], at('2026-11-29T00:30:00Z'))?.until).toBe(at('2026-11-29T01:00:00Z'));
  });

  test('of windows that overlap the one that ends last counts', () => {
    const once: MaintenanceWindow = {
      kind: 'once',
      from: at('2026-11-29T00:00:00Z'),
      until: at('2026-11-29T08:00:00Z'),
      reason: 'new disks',
    };

    expect(maintenanceAt([sunday, once], at('2026-11-29T03:00:00Z'))).toEqual({
      until: at('2026-11-29T08:00:00Z'),
      reason: 'new disks',
    });
  });
});

describe('the next maintenance', () => {
  test.each([
    ['2026-11-29T01:59:59Z', '2026-11-29T02:00:00Z'],
    ['2026-11-29T02:00:00Z', '2026-12-06T02:00:00Z'],
    ['2026-11-29T03:00:00Z', '2026-12-06T02:00:00Z'],
    ['2026-11-30T03:00:00Z', '2026-12-06T02:00:00Z'],
  ])('of every Sunday from 2 to 4, at %s, is that of %s', (now, from) => {
    expect(nextMaintenance([sunday], at(now))).toEqual({ from: at(from), until: at(from) + 2 * hour, reason: 'IPL' });
  });

  test('is the one that begins first, and none that is over or has begun', () => {
    const once = (from: string, until: string): MaintenanceWindow => ({
      kind: 'once',
      from: at(from),
      until: at(until),
      reason: from,
    });
    const windows = [
      sunday,
      once('2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z'),
      once('2026-11-25T00:00:00Z', '2026-11-27T00:00:00Z'),
      once('2026-11-28T00:00:00Z', '2026-11-28T01:00:00Z'),
    ];

    expect(nextMaintenance(windows, at('2026-11-26T00:00:00Z'))?.from).toBe(at('2026-11-28T00:00:00Z'));
  });

  test('is none where no window is configured', () => {
    expect(nextMaintenance([], at('2026-11-26T00:00:00Z'))).toBeUndefined();
  });
});
