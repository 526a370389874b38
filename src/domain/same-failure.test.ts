import { describe, expect, test } from 'vitest';
import { sameFailure } from './same-failure.ts';
import type { Peer } from './same-failure.ts';

function peer(name: string, failedTests: readonly string[], own: Partial<Peer> = {}): Peer {
  return { name, failedTests, result: 'FAILURE', running: false, ...own };
}

describe('the same failure', () => {
  test('of another change at the same time is named', () => {
    const peers = [peer('7,1', ['a', 'b']), peer('8,2', ['c'])];

    expect(sameFailure(['b', 'a'], peers)).toBe('7,1');
  });

  test('may differ in a fifth of the tests', () => {
    const ours = ['a', 'b', 'c', 'd', 'e'];

    expect(sameFailure(ours, [peer('7,1', ['a', 'b', 'c', 'd'])])).toBe('7,1');
    expect(sameFailure(ours, [peer('7,1', ['a', 'b', 'c'])])).toBeUndefined();
  });

  test('is the patches’ own when a build passed meanwhile', () => {
    const peers = [peer('7,1', ['a']), peer('9,1', [], { result: 'SUCCESS' })];

    expect(sameFailure(['a'], peers)).toBeUndefined();
  });

  test('is none without failed tests', () => {
    expect(sameFailure([], [peer('7,1', [])])).toBeUndefined();
    expect(sameFailure(['a'], [])).toBeUndefined();
  });
});
