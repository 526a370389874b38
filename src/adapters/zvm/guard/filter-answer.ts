import type { Forward } from '../../../domain/guard/decision.ts';
import { ownUserid } from '../../../domain/guard/userid.ts';
import { feilongShaped, parseEnvelope } from './answer.ts';
import type { Answer } from './answer.ts';

/** Everything of others is taken out of a list; one that cannot be read is not passed on. */
export async function filterAnswer(
  answer: Answer,
  filter: NonNullable<Forward['filter']>,
  isOwn: { readonly prefix: string; readonly image: (name: string) => Promise<boolean> },
): Promise<Answer> {
  const envelope = parseEnvelope(answer);
  // A failure lists nothing; with sdkserver down it comes as HTTP 200 with overallRC 101.
  if (envelope && (answer.status !== 200 || envelope['overallRC'] !== 0)) return withoutOutput(answer, envelope);
  const output = envelope?.['output'];
  if (!Array.isArray(output)) return feilongShaped(502, 'The guard cannot read the list that Feilong sent.');
  const kept: unknown[] = [];
  for (const item of output as unknown[]) if (await keeps(item, filter, isOwn)) kept.push(item);
  return { ...answer, body: Buffer.from(JSON.stringify({ ...envelope, output: kept })) };
}

function withoutOutput(answer: Answer, envelope: Record<string, unknown>): Answer {
  return { ...answer, body: Buffer.from(JSON.stringify({ ...envelope, output: '' })) };
}

async function keeps(
  item: unknown,
  filter: NonNullable<Forward['filter']>,
  isOwn: { readonly prefix: string; readonly image: (name: string) => Promise<boolean> },
): Promise<boolean> {
  if (filter === 'userids') return ownUserid(item, isOwn.prefix) !== undefined;
  const row = typeof item === 'object' && item !== null ? (item as Record<string, unknown>) : {};
  if (filter === 'nics') return ownUserid(row['userid'], isOwn.prefix) !== undefined;
  return typeof row['imagename'] === 'string' && isOwn.image(row['imagename']);
}
