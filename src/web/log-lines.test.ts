import { expect, test } from 'vitest';
import { LineCutter, headOf } from './log-lines.ts';

const at = (time: string) => Date.parse(time);

test.each([
  ['2026-11-27 10:00:00.123 99 INFO nova.compute [-] x', 'INFO', '2026-11-27T10:00:00.123Z'],
  ['2026-11-22 15:22:15,041 2692 DEBUG    [tempest.lib] x', 'DEBUG', '2026-11-22T15:22:15.041Z'],
  ['\u001b[00;36m2026-11-27 10:00:00.1 99 \u001b[01;31mERROR\u001b[0m x', 'ERROR', '2026-11-27T10:00:00.100Z'],
  ['Nov  7 01:02:03.456789 host devstack@n-cpu.service[1]: WARNING nova x', 'WARNING', '2026-11-07T01:02:03.456Z'],
  ['2026-11-27T10:00:00.123456+0200 host n-cpu[1]: INFO x', 'INFO', '2026-11-27T08:00:00.123Z'],
  ['2026-11-27 10:00:00-05:00 INFO x', 'INFO', '2026-11-27T15:00:00Z'],
  ['2026-11-27T10:00:00.123Z | 12 ms | GET /', undefined, '2026-11-27T10:00:00.123Z'],
  ['2026-11-27T10:00:00 FATAL: x', 'CRITICAL', '2026-11-27T10:00:00Z'],
])('%s', (text, severity, time) => {
  expect(headOf(Buffer.from(text), 2026)).toEqual({ severity, time: at(time) });
});

test.each(['Traceback (most recent call last):', '  self.ERROR = 1', '2026-99-99 10:00:00 x', ''])(
  '%j says nothing about itself',
  (text) => {
    expect(headOf(Buffer.from(text), 2026)).toEqual({ severity: undefined, time: undefined });
  },
);

test('lines are the same however their bytes come, and bounded', () => {
  const bytes = Buffer.from(`one\n\n${'x'.repeat(20_000)}\nlast`);
  const cutAt = (size: number) => {
    const cutter = new LineCutter(1, 100);
    const lines = [];
    for (let start = 0; start < bytes.length; start += size)
      lines.push(...cutter.push(bytes.subarray(start, start + size)));
    return [...lines, ...cutter.end()].map(({ bytes: line, ...rest }) => ({ ...rest, text: String(line).slice(0, 5) }));
  };

  expect(cutAt(100_000)).toEqual([
    { number: 1, offset: 100, cut: 0, text: 'one' },
    { number: 2, offset: 104, cut: 0, text: '' },
    { number: 3, offset: 105, cut: 20_000 - 16_384, text: 'xxxxx' },
    { number: 4, offset: 20_106, cut: 0, text: 'last' },
  ]);
  for (const size of [1, 3, 4, 5, 9999]) expect(cutAt(size)).toEqual(cutAt(100_000));
});
