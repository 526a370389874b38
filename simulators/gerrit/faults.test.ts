import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKit } from './testing/kit.ts';
import type { Kit } from './testing/kit.ts';

let kit: Kit;

beforeAll(async () => {
  kit = await startKit();
  await kit.post('dev', '/a/changes/', { project: 'openstack/nova', branch: 'master', subject: 'Under fault' });
});

afterAll(() => kit.stop());

const review = '/a/changes/1/revisions/current/review';

async function messages(): Promise<string[]> {
  const { body } = await kit.get('dev', '/a/changes/1/messages');
  return (body as { message: string }[]).map(({ message }) => message);
}

test('refuses the next reviews without doing them', async () => {
  await kit.post('dev', '/simulator/faults', { refuseReviews: { count: 1, status: 503 } });

  const refused = await kit.post('dev', review, { message: 'not done' });
  const done = await kit.post('dev', review, { message: 'done' });

  expect([refused.status, done.status]).toEqual([503, 200]);
  expect((await messages()).join()).not.toContain('not done');
});

test('loses the answer of a review that was done', async () => {
  await kit.post('dev', '/simulator/faults', { loseReviewReplies: { count: 1 } });

  await expect(kit.post('dev', review, { message: 'done in silence' })).rejects.toThrow('fetch failed');

  expect((await messages()).join()).toContain('done in silence');
});

test('tells mistakes in what it is asked for', async () => {
  const { status, text } = await kit.post('dev', '/simulator/faults', { refuseReview: {} });

  expect(status).toBe(400);
  expect(text).toContain('refuseReview');
});
