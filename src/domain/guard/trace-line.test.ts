import { expect, test } from 'vitest';
import { traceLine } from './trace-line.ts';

const call = { at: '2026-11-27T01:02:03.004Z', ms: 12.3, method: 'POST', path: '/guests/ZA000001/action', status: 200 };

test('a call is one line with Feilong’s codes', () => {
  const good = traceLine({ ...call, action: 'deploy', userid: 'ZA000001', overallRC: 0, rc: 0, rs: 0 });
  const bad = traceLine({ ...call, status: 500, overallRC: 396, rc: 596, rs: 6213, errmsg: 'SMAPI failed' });

  expect([good, bad]).toEqual([
    '2026-11-27T01:02:03.004Z | 12 ms | POST /guests/ZA000001/action deploy | 200 overallRC 0',
    '2026-11-27T01:02:03.004Z | 12 ms | POST /guests/ZA000001/action | 500 overallRC 396 rc 596 rs 6213 | SMAPI failed',
  ]);
});

test('nothing a worker writes makes a second line, colours a terminal or is endless', () => {
  const line = traceLine({
    ...call,
    path: `/\u001b[31mred\r\n2026-11-27 forged${'x'.repeat(5000)}`,
    refused: 'no\nway',
  });

  expect(line.split('\n')).toHaveLength(1);
  expect(line).toContain('/red 2026-11-27 forged');
  expect(line.length).toBeLessThanOrEqual(1000);
});
