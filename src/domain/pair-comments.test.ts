import { expect, test } from 'vitest';
import { isSameComment } from './pair-comments.ts';

const patchset = { connection: 'review', project: 'p', branch: 'master', number: 1, changeId: 'I1', subject: '', owner: '', url: '', patchset: 1, revision: '', ref: '' };

function comment(texts: readonly string[], createdAt = 0) {
  return { type: 'comment-added', patchset, author: { username: 'dev', name: undefined }, texts, messageId: undefined, createdAt } as const;
}

test.each<[string, readonly string[], readonly string[], number, boolean]>([
  ['the same text a second later', ['recheck'], ['recheck'], 1000, true],
  ['patchset-level texts joined by the stream', ['recheck\nsee log'], ['', 'recheck', 'see log'], 0, true],
  ['a message the stream left out', ['recheck'], ['looks good', 'recheck'], 0, true],
  ['another text', ['recheck'], ['looks good'], 0, false],
  ['the same text much later', ['recheck'], ['recheck'], 600_000, false],
  ['other line ends and spaces', ['recheck \r\nnow'], ['recheck\nnow'], 0, true],
])('two views of a comment: %s', (_, stream, rest, later, same) => {
  expect(isSameComment(comment(stream), comment(rest, later))).toBe(same);
});
