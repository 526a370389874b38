import type { Forward } from '../../../domain/guard/decision.ts';
import type { GuardLedger } from '../../../ports/guard.ts';
import type { Answer } from './answer.ts';

interface Heard {
  readonly answer: Answer;
  /** Nobody knows what Feilong did. */
  readonly outage?: boolean;
  /** The worker had the image before this call. */
  readonly hadImage: boolean;
}

type State = Parameters<GuardLedger['settle']>[1];
type Settled = readonly [kind: 'guest' | 'image', name: string, state: State];

/** Writes down what became of what was noted. A state that cannot be written stays `intended`, which is looked after like `unknown`. */
export async function settle(call: Forward, heard: Heard, ledger: GuardLedger): Promise<void> {
  try {
    for (const [kind, name, state] of [...made(call, heard), ...removed(call, heard)])
      await ledger.settle({ kind, name }, state);
  } catch {
    // The sweep looks after it.
  }
}

function made({ makesGuest, makesImage }: Forward, heard: Heard): readonly Settled[] {
  const state = stateAfter(heard);
  // It is there and was not this worker's: another one was faster.
  const ofImage = heard.answer.status === 409 && !heard.hadImage ? 'refused' : state;
  return [
    ...(makesGuest ? [['guest', makesGuest.name, state] as const] : []),
    ...(makesImage === undefined ? [] : [['image', makesImage, ofImage] as const]),
  ];
}

function removed({ removesGuest, removesImage, userid, needsImage }: Forward, { answer }: Heard): readonly Settled[] {
  if (!isGood(answer)) return [];
  return [
    ...(removesGuest && userid !== undefined ? [['guest', userid, 'deleted'] as const] : []),
    ...(removesImage && needsImage !== undefined ? [['image', needsImage, 'deleted'] as const] : []),
  ];
}

/** 409: it is there already. 400, 403, 503 (its limit of deploys): nothing was begun. Any other failure may come after something was made. */
function stateAfter({ answer, outage }: Heard): State {
  if (outage) return 'unknown';
  if (answer.status === 409 || isGood(answer)) return 'made';
  return [400, 403, 503].includes(answer.status) ? 'refused' : 'unknown';
}

function isGood({ status, envelope }: Answer): boolean {
  return status === 200 && envelope.overallRC === 0;
}
