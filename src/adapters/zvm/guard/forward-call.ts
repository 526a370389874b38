import type { Forward } from '../../../domain/guard/decision.ts';
import { errorText } from '../../../domain/errors.ts';
import type { GuardLedger, GuardLease, LedgerEntry } from '../../../ports/guard.ts';
import { sleep } from '../../../shared/clock.ts';
import type { SendToFeilong } from '../tokens.ts';
import { codesOf, feilongShaped, parseEnvelope } from './answer.ts';
import type { Answer } from './answer.ts';
import type { DeployQueue } from './deploy-queue.ts';
import { filterAnswer } from './filter-answer.ts';

export interface ForwardContext {
  readonly lease: GuardLease;
  readonly ledger: GuardLedger;
  readonly send: SendToFeilong;
  readonly deploys: DeployQueue;
  /** Fires when the worker has hung up: what waits for its turn need not have one. */
  readonly gone: AbortSignal;
}

/** `refused`: why Feilong was not asked. `outage`: it did not answer as it should. */
export interface Outcome {
  readonly answer: Answer;
  readonly refused?: string;
  readonly outage?: boolean;
}

/** SMAPI's long calls may take a quarter of an hour, and nova waits for ever. */
const callTimeout = 20 * 60_000;
const maxAnswer = 16 * 1024 * 1024;
/** Until a deploy that Feilong had no place for is sent again (ms). */
const fullPause = 1000;

/** Asks Feilong what was decided, with the ledger before and after. Never throws. */
export async function forwardCall(call: Forward, context: ForwardContext): Promise<Outcome> {
  try {
    const refused = await whyRefused(call, context);
    if (refused !== undefined) return { answer: feilongShaped(403, refused), refused };
    if (call.needsImage !== undefined && !(await context.ledger.ownsImage(call.needsImage))) return noSuchImage(call);
    const taken = call.makesImage !== undefined && (await isTaken(call.makesImage, context));
    if (taken) return refusal(`The image ${call.makesImage} is somebody else’s.`);
    await noteIntent(call, context.ledger);
  } catch (error) {
    // The database is away, the lease is over, Feilong does not say whose an image is: nothing was asked of it.
    return refusal(errorText(error));
  }
  return call.isDeploy ? deploy(call, context) : ask(call, context);
}

async function whyRefused({ changes }: Forward, { ledger, lease }: ForwardContext): Promise<string | undefined> {
  return changes && (await ledger.isOver()) ? `The lease of ${lease.name} is over.` : undefined;
}

function refusal(refused: string): Outcome {
  return { answer: feilongShaped(403, refused), refused };
}

/** As Feilong says it of an image it does not have: nova then imports it. */
function noSuchImage({ needsImage }: Forward): Outcome {
  const refused = `The image ${needsImage} is not of this worker.`;
  return { answer: feilongShaped(404, `Image ${needsImage} does not exist.`), refused };
}

/** An image of that name would be overwritten, used and at last deleted as if it were the worker's. */
async function isTaken(image: string, { ledger, send }: ForwardContext): Promise<boolean> {
  if (await ledger.ownsImage(image)) return false;
  const signal = AbortSignal.timeout(callTimeout);
  const { status } = await send({ method: 'GET', path: `/images?imagename=${image}`, signal, maxAnswer });
  if (status === 404) return false;
  if (status === 200) return true;
  throw new Error(`Feilong does not say whose the image ${image} is: HTTP ${status}.`);
}

async function noteIntent(call: Forward, ledger: GuardLedger): Promise<void> {
  if (call.makesGuest) await ledger.note({ kind: 'guest', ...call.makesGuest });
  if (call.makesImage !== undefined) await ledger.note({ kind: 'image', name: call.makesImage, memory: 0, disk: 0 });
}

async function deploy(call: Forward, context: ForwardContext): Promise<Outcome> {
  try {
    return await context.deploys.run(() => askUntilThereIsRoom(call, context), context.gone);
  } catch {
    // The worker hung up while it waited.
    return refusal('The worker did not wait for its turn.');
  }
}

/** 503 of Feilong itself: it had no place for one more deploy, and has begun nothing. */
async function askUntilThereIsRoom(call: Forward, context: ForwardContext): Promise<Outcome> {
  for (;;) {
    const outcome = await ask(call, context);
    const isFull = outcome.answer.status === 503 && parseEnvelope(outcome.answer)?.['overallRC'] === 503;
    if (!isFull || outcome.outage || context.gone.aborted || (await context.ledger.isOver())) return outcome;
    await sleep(fullPause, context.gone);
  }
}

async function ask(call: Forward, context: ForwardContext): Promise<Outcome> {
  const { lease, ledger, send } = context;
  try {
    const raw = await send({
      method: call.method,
      path: call.path,
      body: call.body && JSON.stringify(call.body),
      signal: AbortSignal.timeout(callTimeout),
      maxAnswer,
    });
    await settle(call, raw, ledger);
    const isOwn = { prefix: lease.prefix, image: (name: string) => ledger.ownsImage(name) };
    const answer = call.filter ? await filterAnswer(raw, call.filter, isOwn) : raw;
    return { answer, outage: isOutage(raw) };
  } catch (error) {
    await settleUnknown(call, ledger);
    return { answer: feilongShaped(502, `Feilong did not answer: ${errorText(error)}`), outage: true };
  }
}

/** overallRC 101: Feilong's REST half cannot reach its sdkserver. */
function isOutage(answer: Answer): boolean {
  if (answer.status === 502 || answer.status === 503) return parseEnvelope(answer)?.['overallRC'] !== 503;
  return codesOf(parseEnvelope(answer)).overallRC === 101;
}

function madeBy({ makesGuest, makesImage }: Forward): readonly LedgerEntry[] {
  return [
    ...(makesGuest ? [{ kind: 'guest' as const, name: makesGuest.name }] : []),
    ...(makesImage === undefined ? [] : [{ kind: 'image' as const, name: makesImage }]),
  ];
}

function removedBy({ removesGuest, userid, removesImage, needsImage }: Forward): readonly LedgerEntry[] {
  return [
    ...(removesGuest && userid !== undefined ? [{ kind: 'guest' as const, name: userid }] : []),
    ...(removesImage && needsImage !== undefined ? [{ kind: 'image' as const, name: needsImage }] : []),
  ];
}

/** A state that cannot be written stays `intended`, which is looked after like `unknown`. */
async function settle(call: Forward, answer: Answer, ledger: GuardLedger): Promise<void> {
  const good = answer.status === 200 && parseEnvelope(answer)?.['overallRC'] === 0;
  const made = good ? 'made' : madeAfter(answer.status);
  try {
    for (const entry of madeBy(call)) await ledger.settle(entry, made);
    if (good) for (const entry of removedBy(call)) await ledger.settle(entry, 'deleted');
  } catch {
    // The sweep finds it by its name.
  }
}

/** 409: it is there already. Another refusal comes before anything is made; a failure may come after. */
function madeAfter(status: number): 'made' | 'refused' | 'unknown' {
  if (status === 409) return 'made';
  return status >= 400 && status < 500 ? 'refused' : 'unknown';
}

async function settleUnknown(call: Forward, ledger: GuardLedger): Promise<void> {
  try {
    for (const entry of madeBy(call)) await ledger.settle(entry, 'unknown');
  } catch {
    // As above.
  }
}
