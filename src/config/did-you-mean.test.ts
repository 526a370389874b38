import { expect, test } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

test.each([
  ['contakt', ['contact', 'name'], 'Did you mean contact?'],
  ['min-ready', ['min_ready', 'max'], 'Did you mean min_ready?'],
  ['x', ['contact', 'name'], 'Known: contact, name.'],
  ['x', [], 'There is none yet.'],
])('%s among %j: %s', (word, candidates, advice) => {
  expect(didYouMean(word, candidates)).toBe(advice);
});
