import { describe, expect, test } from 'vitest';
import { maintenanceAt } from './maintenance.ts';
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
