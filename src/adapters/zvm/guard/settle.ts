import type { Forward } from '../../../domain/guard/decision.ts';
import type { GuardLedger } from '../../../ports/guard.ts';
import type { Answer } from './answer.ts';

interface Books {
  readonly ledger: GuardLedger;
  /** The worker had the image before this call. */
  readonly hadImage: boolean;
}

/** Writes down what became of what was noted. A state that cannot be written stays `intended`, which is looked after like `unknown`. */
export async function settle(
  call: Forward,
  { answer, isSilent }: { readonly answer: Answer; readonly isSilent?: boolean },
  { ledger, hadImage }: Books,
): Promise<void> {
  const isGood = answer.status === 200 && answer.envelope.overallRC === 0;
  const made = stateAfter(answer, isSilent ?? false);
  // It is there and was not this worker's: another one was faster.
  const madeImage = answer.status === 409 && !hadImage ? 'refused' : made;
  const { makesGuest, makesImage, removesGuest, removesImage, userid, needsImage } = call;
  try {
    if (makesGuest) await ledger.settle({ kind: 'guest', name: makesGuest.name }, made);
    if (makesImage !== undefined) await ledger.settle({ kind: 'image', name: makesImage }, madeImage);
    if (isGood && removesGuest && userid) await ledger.settle({ kind: 'guest', name: userid }, 'deleted');
    if (isGood && removesImage && needsImage) await ledger.settle({ kind: 'image', name: needsImage }, 'deleted');
  } catch {
    // The sweep looks after it.
  }
}

/** 409: it is there already. 400, 401, 403: nothing was begun; 503: neither, by Feilong or by the guard. Any other failure may come after something was made. */
function stateAfter({ status, envelope }: Answer, isSilent: boolean): 'made' | 'refused' | 'unknown' {
  if (isSilent) return 'unknown';
  if (status === 409 || (status === 200 && envelope.overallRC === 0)) return 'made';
  return [400, 401, 403].includes(status) || (status === 503 && envelope.overallRC === 503) ? 'refused' : 'unknown';
}
