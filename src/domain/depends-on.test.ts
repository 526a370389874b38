import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectionOfHost, dependsOnFooters } from './depends-on.ts';

const id = `I${'0123456789abcdef0123'.repeat(2)}`;
const nova = 'https://review.example/c/openstack/nova/+/12345';

test.each([
  [`Depends-On: ${nova}`, { kind: 'address', host: 'review.example', number: 12_345 }],
  [`depends-on:${nova}/2 \r`, { kind: 'address', host: 'review.example', number: 12_345 }],
  ['Depends-On: http://review.example:8080/12345', { kind: 'address', host: 'review.example:8080', number: 12_345 }],
  ['Depends-On: https://review.example/#/c/12345/', { kind: 'address', host: 'review.example', number: 12_345 }],
  [`Depends-On: ${id}`, { kind: 'change-id', changeId: id }],
  [`DEPENDS-ON: ${id.toUpperCase()}`, { kind: 'change-id', changeId: id }],
  ['Depends-On: https://github.com/a/b/pull/3', { kind: 'unreadable', text: 'https://github.com/a/b/pull/3' }],
  ['Depends-On: 12345', { kind: 'unreadable', text: '12345' }],
  ['Depends-On: file:///etc/passwd', { kind: 'unreadable', text: 'file:///etc/passwd' }],
])('%s', (line, footer) => {
  expect(dependsOnFooters(`A title\n\nText\n${line}\nChange-Id: ${id}`)).toMatchObject([footer]);
});

test.each([
  ` Depends-On: ${nova}`,
  `> Depends-On: ${nova}`,
  'Depends-On:',
  `We Depends-On: ${nova}`,
  `Depends-on ${nova}`,
])('no footer: %s', (line) => {
  expect(dependsOnFooters(`A title\n\n${line}\n`)).toEqual([]);
});

test('each footer is told once, in the order of the message', () => {
  const footers = dependsOnFooters(`T\n\nDepends-On: ${nova}\nDepends-On: ${id}\nDepends-On: ${nova}\n`);

  expect(footers.map(({ kind }) => kind)).toEqual(['address', 'change-id']);
});

test('any message is read, and never more than a hundred footers of it', () => {
  const line = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.constantFrom(nova, id, '\0', '\u2028'));
  const message = fc.array(fc.tuple(fc.constantFrom('Depends-On:', 'depends-on: ', ''), line), { maxLength: 300 });

  fc.assert(
    fc.property(message, (lines) => {
      const footers = dependsOnFooters(lines.map((pieces) => pieces.join('')).join('\n'));

      expect(footers.length).toBeLessThanOrEqual(100);
      for (const footer of footers) if (footer.kind === 'address') expect(footer.number).toBeGreaterThanOrEqual(0);
    }),
  );
});

test.each([
  ['review.example', 'first'],
  ['REVIEW.EXAMPLE', 'first'],
  ['review.example:8080', undefined],
  ['other.example:8443', 'second'],
  ['other.example', 'second'],
  ['evil.example', undefined],
  ['review.example.evil.example', undefined],
])('the Gerrit of %s', (host, name) => {
  const connections = [
    { name: 'first', url: 'https://review.example' },
    { name: 'second', url: 'https://other.example:8443/gerrit' },
  ];

  expect(connectionOfHost(connections, host)?.name).toBe(name);
});
