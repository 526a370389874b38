import { expect, it } from 'vitest';
import { commentTexts, headerVotes, mentionsComments } from './comment-text.ts';

it.each([
  ['Patch Set 3:\n\nrecheck', ['recheck']],
  ['Patch Set 3: Code-Review-1\n\nneeds work', ['needs work']],
  ['Patch Set 3: -Verified\n\nstarting', ['starting']],
  ['Patch Set 4: Code-Review+2 Verified+2 Workflow+1\n\nok', ['ok']],
  ['Patch Set 1: Code-Review+2 Workflow+1', []],
  ['Patch Set 3:\n\n(1 comment)\n\nsee inline', ['see inline']],
  ['Patch Set 3: Code-Review+1\n\n(12 comments)\n\nfine', ['fine']],
  ['Patch Set 3:\n\n(2 comments)', []],
  ['Patch Set 2:\n\nRecheck 🐘\r\n\r\nrecheck zvm', ['Recheck 🐘\r\n\r\nrecheck zvm']],
  ['recheck', ['recheck']],
  ['Patch Set 2: Patch Set 1 was rebased', ['Patch Set 2: Patch Set 1 was rebased']],
  ['Patch Set 2: please run this again\n\nrecheck', ['Patch Set 2: please run this again\n\nrecheck']],
  ['', []],
])('takes Gerrit’s own words from %j', (message, texts) => {
  expect(commentTexts(message, [])).toEqual(texts);
});

it.each([
  ['Patch Set 3: Verified+1\n\nBuild succeeded', [{ label: 'Verified', value: 1 }]],
  [
    'Patch Set 3: Code-Review-2 -Verified',
    [
      { label: 'Code-Review', value: -2 },
      { label: 'Verified', value: 0 },
    ],
  ],
  ['Patch Set 3:\n\nVerified+1', []],
  ['Patch Set 3: I gave Verified+1', []],
  ['Verified+1', []],
])('reads the votes of Gerrit’s header in %j', (message, votes) => {
  expect(headerVotes(message)).toEqual(votes);
});

it('puts patchset-level comments behind the message and the same text only once', () => {
  const texts = commentTexts('Patch Set 3:\n\n(3 comments)\n\nhello', ['recheck', 'hello', 'bye']);

  expect(texts).toEqual(['hello', 'recheck', 'bye']);
});

it('bounds number and size of texts', () => {
  const texts = commentTexts(
    'x'.repeat(1_000_000),
    Array.from({ length: 1000 }, (_, index) => `text ${index}`),
  );

  expect(texts).toHaveLength(100);
  expect(texts[0]).toHaveLength(64 * 1024);
});

it('reads a hostile header in linear time', () => {
  const header = `Patch Set 1:${' a+1'.repeat(200_000)} !\n\nrecheck`;

  expect(commentTexts(header, [])).toHaveLength(1);
});

it.each([
  ['Patch Set 3:\n\n(1 comment)', true],
  ['Patch Set 3: Code-Review+1\n\n(2 comments)\n\nsee inline', true],
  ['Patch Set 3:\n\nrecheck', false],
  ['Patch Set 3:\n\nsee (1 comment)', false],
])('sees whether Gerrit counted comments in %j', (message, counted) => {
  expect(mentionsComments(message)).toBe(counted);
});
