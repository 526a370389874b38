import type { Forward } from '../../../domain/guard/decision.ts';
import { ownUserid } from '../../../domain/guard/userid.ts';
import { answerOf, feilongShaped } from './answer.ts';
import type { Answer } from './answer.ts';

type Filter = NonNullable<Forward['filter']>;

export interface Own {
  readonly prefix: string;
  readonly image: (name: string) => Promise<boolean>;
}

/** Everything of others is taken out of a list; one that cannot be read is not passed on. */
export async function filterAnswer(answer: Answer, filter: Filter, own: Own): Promise<Answer> {
  const { status, envelope } = answer;
  // A failure lists nothing; with sdkserver down it comes as HTTP 200 with overallRC 101.
  if (status !== 200 || envelope.overallRC !== 0) return answerOf(status, { ...envelope, output: '' });
  const output = envelope['output'];
  if (!Array.isArray(output)) return feilongShaped(502, 'The guard cannot read the list that Feilong sent.');
  const kept: unknown[] = [];
  for (const item of output as unknown[]) if (await isKept(item, filter, own)) kept.push(item);
  return answerOf(status, { ...envelope, output: kept });
}

async function isKept(item: unknown, filter: Filter, own: Own): Promise<boolean> {
  if (filter === 'userids') return ownUserid(item, own.prefix) !== undefined;
  const row = typeof item === 'object' && item !== null ? (item as Record<string, unknown>) : {};
  if (filter === 'nics') return ownUserid(row['userid'], own.prefix) !== undefined;
  return typeof row['imagename'] === 'string' && own.image(row['imagename']);
}
