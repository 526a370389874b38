import { expect, test } from 'vitest';
import { isSameComment } from './pair-comments.ts';

const patchset = {
  connection: 'review',
  project: 'p',
  branch: 'master',
  number: 1,
  changeId: 'I1',
  subject: '',
  owner: '',
  url: '',
  patchset: 1,
  revision: '',
  ref: '',
};

function comment(texts: readonly string[], createdAt = 0) {
  return {
    type: 'comment-added',
    patchset,
    author: { username: 'dev', name: undefined },
    texts,
    messageId: undefined,
    createdAt,
  } as const;
}

interface Case {
  readonly what: string;
  readonly stream: readonly string[];
  readonly rest: readonly string[];
  readonly later?: number;
  readonly same: boolean;
}

test.each<Case>([
  { what: 'the same text a second later', stream: ['recheck'], rest: ['recheck'], later: 1000, same: true },
  {
    what: 'patchset-level texts joined by the stream',
    stream: ['recheck\nsee log'],
    rest: ['', 'recheck', 'see log'],
    same: true,
  },
  { what: 'a message the stream left out', stream: ['recheck'], rest: ['looks good', 'recheck'], same: true },
  { what: 'another text', stream: ['recheck'], rest: ['looks good'], same: false },
  { what: 'the same text much later', stream: ['recheck'], rest: ['recheck'], later: 600_000, same: false },
  { what: 'other line ends and spaces', stream: ['recheck \r\nnow'], rest: ['recheck\nnow'], same: true },
])('two views of a comment: $what', ({ stream, rest, later = 0, same }) => {
  expect(isSameComment(comment(stream), comment(rest, later))).toBe(same);
});
