import { expect, test } from 'vitest';
import { requestIds } from './request-ids.ts';

const id = (digit: string) => `req-${digit.repeat(8)}-1111-4222-8333-444455556666`;

test('ids in the traceback come first, then those of the last requests, each once', () => {
  const log = ['1', '2', '3', '4', '3'].map((digit) => `'x-openstack-request-id': '${id(digit)}'`).join('\n');
  const details = `Traceback:\nServer boot request ID: ${id('2')}.\n(Request-ID: ${id('9')})\n--- pythonlogging:''\n${log}`;

  expect(requestIds(details)).toEqual({ named: [id('2'), id('9')], last: [id('4'), id('3')] });
});

test('a log alone names nothing, and what only looks like an id is none', () => {
  expect(requestIds(`--- pythonlogging\n${id('1')}`)).toEqual({ named: [], last: [id('1')] });
  expect(requestIds(`req-1 ${id('1')}0 x${id('2')} req-${'g'.repeat(36)}`)).toEqual({ named: [], last: [] });
  expect(requestIds('')).toEqual({ named: [], last: [] });
});

test('there are never many, whatever a test says', () => {
  const many = Array.from(
    { length: 50_000 },
    (_, index) => `req-${String(index).padStart(8, '0')}-1111-4222-8333-444455556666`,
  );
  const { last, named } = requestIds(`${many.join(' ')}\n--- x\n${many.toReversed().join(' ')}`);

  expect([named.length, last.length]).toEqual([3, 0]);
});
