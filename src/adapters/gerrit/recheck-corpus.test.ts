import { expect, test } from 'vitest';
import { recheckCall } from '../../domain/recheck.ts';
import { parseEvent } from './parse-event.ts';
import { accessTo, readLines } from './testing/recorded.ts';

const names = ['zvm-ci'];

test('of the comments on a recorded stream, these are rechecks', () => {
  const rechecks = readLines('stream-events.jsonl').flatMap((line) => {
    const parsed = parseEvent(line, accessTo({}));
    if (parsed.kind !== 'event' || parsed.event.type !== 'comment-added') return [];
    return parsed.event.texts.flatMap((text) => {
      const { kind } = recheckCall(text, names, 'Example z/VM CI');
      return kind === 'none' ? [] : [`${kind}: ${text.split('\n')[0]?.trim()}`];
    });
  });

  expect(rechecks).toEqual([
    'everything: recheck',
    'named: recheck zvm-ci (patchset level)',
    'everything: recheck',
    'everything: Recheck 🐘',
  ]);
});
