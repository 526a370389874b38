import type { Forward } from '../../../domain/guard/decision.ts';
import { errorCode, errorText } from '../../../domain/errors.ts';
import { feilongShaped } from './answer.ts';
import type { Answer } from './answer.ts';
import { askFeilong, asksWhoseImage } from './ask-feilong.ts';
import type { AskContext } from './ask-feilong.ts';
import type { DeployQueue } from './deploy-queue.ts';
import { settle } from './settle.ts';

export interface ForwardContext extends AskContext {
  readonly deploys: DeployQueue;
}

/** `refused`: why Feilong was not asked. `outage`: it, or what the guard needs, does not work. */
export interface Outcome {
  readonly answer: Answer;
  readonly refused?: string;
  readonly outage?: boolean;
}

/** Asks Feilong what was decided, with the ledger before and after. Never throws. */
export async function forwardCall(call: Forward, context: ForwardContext): Promise<Outcome> {
  let hadImage: boolean;
  try {
    const whyNot = await refuse(call, context);
    if (whyNot) return whyNot;
    hadImage = call.makesImage !== undefined && (await context.ledger.ownsImage(call.makesImage));
    if (call.makesImage !== undefined && !hadImage && (await asksWhoseImage(call.makesImage, context)) === 'others')
      return refusal(403, `The image ${call.makesImage} is somebody else’s.`);
    await noteIntent(call, context);
  } catch (error) {
    return notAsked(error, context);
  }
  const outcome = call.isDeploy ? await deploy(call, context) : await askFeilong(call, context);
  await settle(call, { ...outcome, hadImage }, context.ledger);
  return outcome;
}

async function refuse(call: Forward, context: ForwardContext): Promise<Outcome | undefined> {
  const { ledger } = context;
  if (call.changes && (await ledger.isOver())) return leaseOver(context);
  if (call.needsImage === undefined || (await ledger.ownsImage(call.needsImage))) return undefined;
  return noSuchImage(call.needsImage, call.changes);
}

/** As Feilong says it of an image it does not have: nova then imports it. Only who wants to use or change another's has done something wrong. */
function noSuchImage(image: string, changes: boolean): Outcome {
  const answer = feilongShaped(404, `Image with name: ${image} does not exist.`);
  return changes ? { answer, refused: `The image ${image} is not of this worker.` } : { answer };
}

/** The lease ended just now, another worker has the image, the ledger cannot be written, Feilong does not say whose an image is. */
function notAsked(error: unknown, context: ForwardContext): Outcome {
  const code = errorCode(error);
  if (code === 'lease-over') return leaseOver(context);
  if (code === 'image-taken') return refusal(403, errorText(error));
  return { ...refusal(503, `Nothing was done: ${errorText(error)}`), outage: true };
}

function leaseOver({ lease }: ForwardContext): Outcome {
  return refusal(403, `The lease of ${lease.name} is over.`);
}

function refusal(status: number, refused: string): Outcome {
  return { answer: feilongShaped(status, refused), refused };
}

async function noteIntent(call: Forward, { ledger }: ForwardContext): Promise<void> {
  if (call.makesGuest) await ledger.note({ kind: 'guest', ...call.makesGuest });
  if (call.makesImage !== undefined) await ledger.note({ kind: 'image', name: call.makesImage, memory: 0, disk: 0 });
}

/** In its turn; whoever hung up meanwhile, or whose lease ended, gets none. */
async function deploy(call: Forward, context: ForwardContext): Promise<Outcome> {
  const turn = await context.deploys.turn(AbortSignal.any([context.gone, context.closing]));
  if (!turn)
    return context.closing.aborted
      ? refusal(503, 'The guard closes.')
      : refusal(503, 'The worker did not wait for its turn.');
  try {
    if (await isOver(context)) return leaseOver(context);
    return await askFeilong(call, context);
  } finally {
    turn.end();
  }
}

async function isOver({ ledger }: ForwardContext): Promise<boolean> {
  try {
    return await ledger.isOver();
  } catch {
    // It was not a moment ago; whoever ends it waits for this call.
    return false;
  }
}
