import { z } from 'zod';
import type { PostedReview, Review } from '../../ports/code-review.ts';
import { answerText, changePath, parseAnswer, restError } from './rest.ts';
import type { GerritRest, RestAnswer } from './rest.ts';

const reviewResult = z.object({ labels: z.record(z.string(), z.number()).optional() });

export async function postReview(rest: GerritRest, review: Review): Promise<PostedReview> {
  const { message, tag, vote } = review;
  const path = `${changePath(review)}/revisions/${encodeURIComponent(review.revision)}/review`;
  const answer = await rest.send('POST', path, { message, tag, ...(vote && { labels: { [vote.label]: vote.value } }) });
  return judgeAnswer(answer, path, vote);
}

/** Gerrit says 200 for a vote it ignores: only the labels it returns were voted on. */
function judgeAnswer(answer: RestAnswer, path: string, vote: Review['vote']): PostedReview {
  if (answer.status === 200) {
    const { labels } = parseAnswer(answer, path, reviewResult);
    if (!vote) return { outcome: 'commented', detail: '' };
    const name = `${vote.label} ${vote.value}`;
    if (labels?.[vote.label] === vote.value) return { outcome: 'voted', detail: name };
    return { outcome: 'dropped', detail: `${name} is not among the labels Gerrit returned` };
  }
  if (vote && answer.status === 403) return { outcome: 'refused', detail: answerText(answer) };
  if (vote && answer.status === 409 && /closed/i.test(answer.text))
    return { outcome: 'closed', detail: answerText(answer) };
  throw restError(answer, path);
}
