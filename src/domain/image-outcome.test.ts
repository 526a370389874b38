import { describe, expect, test } from 'vitest';
import { imageOutcome, isCondemned } from './image-outcome.ts';
import type { BuildOnImage, ImageOutcome } from './image-outcome.ts';

const phases = ['fetch', 'provision', 'test'];

function outcome(
  result: BuildOnImage['verdict']['result'],
  { begun = [], errorCode, of = phases }: { begun?: readonly string[]; errorCode?: string; of?: readonly string[] },
): ImageOutcome | undefined {
  return imageOutcome({ verdict: { result, errorCode }, phases: of, begun });
}

describe('what a build says about the image of its server', () => {
  test.each<[string, ImageOutcome | undefined, ImageOutcome | undefined]>([
    ['success', outcome('SUCCESS', { begun: phases }), 'good'],
    ['success whose phases were not noted', outcome('SUCCESS', {}), 'good'],
    ['tests that fail', outcome('FAILURE', { begun: phases }), 'good'],
    ['tests that fail in the only phase', outcome('FAILURE', { begun: ['all'], of: ['all'] }), 'good'],
    ['a server lost after provisioning', outcome('NODE_FAILURE', { begun: phases, errorCode: 'server-lost' }), 'good'],
    ['cancelled after provisioning', outcome('ABORTED', { begun: phases }), 'good'],
    ['provisioning that fails', outcome('ERROR', { begun: ['fetch', 'provision'] }), 'bad'],
    ['provisioning that takes too long', outcome('TIMED_OUT', { begun: ['provision', 'fetch'] }), 'bad'],
    [
      'a full disk while provisioning',
      outcome('NODE_FAILURE', { begun: ['provision'], errorCode: 'disk-full' }),
      'bad',
    ],
    ['a job lost in the first phase', outcome('NODE_FAILURE', { begun: ['fetch'], errorCode: 'job-lost' }), 'bad'],
    ['no login before the job', outcome('NODE_FAILURE', { errorCode: 'ssh-unreachable' }), 'bad'],
    [
      'a back end out of order',
      outcome('NODE_FAILURE', { begun: ['provision'], errorCode: 'backend-sick' }),
      undefined,
    ],
    ['a fault of our own', outcome('NODE_FAILURE', { errorCode: 'internal' }), undefined],
    ['a patch that cannot be fetched', outcome('ERROR', { begun: ['fetch'] }), undefined],
    ['cancelled while provisioning', outcome('ABORTED', { begun: ['provision'] }), undefined],
    ['phases the job does not have', outcome('ERROR', { begun: ['nonsense'] }), undefined],
  ])('%s', (_what, answer, expected) => {
    expect(answer).toBe(expected);
  });
});

test.each([
  [{ goodBuilds: 0, badBuilds: 1 }, false],
  [{ goodBuilds: 0, badBuilds: 2 }, true],
  [{ goodBuilds: 1, badBuilds: 2 }, false],
  [{ goodBuilds: 1, badBuilds: 50 }, false],
])('an image with %j is condemned: %j', (counts, expected) => {
  expect(isCondemned(counts)).toBe(expected);
});
