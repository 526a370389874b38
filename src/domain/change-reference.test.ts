import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChangeReference } from './change-reference.ts';

const nova = 'https://review.example/c/openstack/nova/+';

test.each([
  ['12345', 12_345, undefined],
  [' 12345,2 ', 12_345, 2],
  ['12345/2', 12_345, 2],
  [`${nova}/12345`, 12_345, undefined],
  [`${nova}/12345/`, 12_345, undefined],
  [`${nova}/12345/2`, 12_345, 2],
  [`${nova}/12345/2/nova/virt/zvm/driver.py#17`, 12_345, 2],
  [`${nova}/12345/1..2/nova/virt/zvm/driver.py`, 12_345, 2],
  [`${nova}/12345?tab=comments`, 12_345, undefined],
  ['https://review.example/12345', 12_345, undefined],
  ['https://review.example/c/12345/2', 12_345, 2],
  ['https://review.example/#/c/12345/2', 12_345, 2],
])('%s', (text, number, patchset) => {
  expect(parseChangeReference(text)).toMatchObject({ number, patchset });
});

test.each([
  '',
  'nova',
  '12345,x',
  '-1',
  '1e3',
  '12345,2,3',
  'https://review.example/q/status:open',
  'http://',
  'ftp://x/1',
])('%j is none', (text) => {
  expect(parseChangeReference(text)).toBeUndefined();
});

test('whatever is typed, it is a whole number of a change or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => {
      const found = parseChangeReference(text);
      if (found) expect(Number.isSafeInteger(found.number)).toBe(true);
    }),
  );
});
