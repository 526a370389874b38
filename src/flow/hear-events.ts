import { SidegateError, errorText } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { wantedEvents } from '../domain/wanted-events.ts';
import type { CodeReview } from '../ports/code-review.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';
import { fillGap } from './fill-gap.ts';
import { createGapFiller } from './look-again.ts';
import { StreamJournal } from './journal-stream.ts';

const firstPause = 500;
const longestPause = 30_000;
/** Pause after an error that trying again will not mend. */
const permanentPause = 60_000;
/** A shorter outage of Gerrit is not worth a notice. */
const outageUntold = 120_000;

interface StreamOver {
  readonly reason: string;
  /** Somebody must do something about it; undefined: it may pass by itself. */
  readonly permanent: ErrorCode | undefined;
  readonly wasOpen: boolean;
}

/**
 * 1. Hear: keeps one Gerrit's event stream open for ever and journals every event before anything else is done with it. Gerrit keeps no
 * history for a stream, so each time it opens, REST tells what was missed.
 */
export async function hearEvents(flow: Flow, review: CodeReview, signal: AbortSignal): Promise<void> {
  const { store } = flow;
  await store.saveHeardUntil(review.name, (await store.heardUntil(review.name)) ?? Date.now());
  let pause = firstPause;
  let cutSince = Date.now();
  while (!signal.aborted) {
    const openedAt = Date.now();
    const end = await hearOneStream(flow, review, signal);
    if (signal.aborted) return;
    if (Date.now() - openedAt > longestPause) pause = firstPause;
    if (end.wasOpen) cutSince = Date.now();
    const wait = jittered(end.permanent ? permanentPause : pause);
    flow.logger.warn({ gerrit: review.name, reason: end.reason, wait }, 'the event stream ended and is opened again');
    await store.saveConnectionState(review.name, {
      state: end.permanent ? 'failed' : 'connecting',
      detail: end.reason,
    });
    await tellTrouble(flow, review, end, Date.now() - cutSince);
    await sleep(wait, signal);
    pause = Math.min(pause * 2, longestPause);
  }
}

/** Many that lost the same Gerrit do not all come back at once. */
function jittered(pause: number): number {
  return pause + Math.random() * pause;
}

async function tellTrouble(flow: Flow, review: CodeReview, end: StreamOver, cutFor: number): Promise<void> {
  if (end.permanent === undefined && cutFor < outageUntold) return;
  const code = end.permanent ?? 'gerrit-unreachable';
  const text = `No events are heard from ${review.name}: ${end.reason}`;
  await flow.store.saveNotice({ code, subject: streamSubject(review), text });
}

function streamSubject({ name }: CodeReview): string {
  return `events of ${name}`;
}

async function hearOneStream(flow: Flow, review: CodeReview, signal: AbortSignal): Promise<StreamOver> {
  const over = new AbortController();
  const streamSignal = AbortSignal.any([signal, over.signal]);
  // Read before the stream opens: its first events must not move the point from which the gap is filled.
  const heardUntil = (await flow.store.heardUntil(review.name)) ?? Date.now();
  const gaps = createGapFiller((since) => fillGapPatiently(flow, review, since, streamSignal), streamSignal);
  const journal = new StreamJournal(flow, review, { gaps, heardUntil });
  const types = wantedEvents(flow.settings.pipelines);
  let wasOpen = false;
  try {
    const { ended } = await review.openStream({ onLine: (line) => journal.take(line), types, signal: streamSignal });
    wasOpen = true;
    await flow.store.saveConnectionState(review.name, { state: 'connected', detail: '' });
    await flow.store.closeNotice('all', streamSubject(review));
    gaps.fill(heardUntil);
    const { reason, permanent } = await ended;
    return { reason, permanent: permanent ? 'gerrit-no-stream' : undefined, wasOpen };
  } catch (error) {
    const permanent = error instanceof SidegateError && !error.retryable ? error.code : undefined;
    return { reason: errorText(error), permanent, wasOpen };
  } finally {
    over.abort();
    await journal.flushed();
  }
}

async function fillGapPatiently(flow: Flow, review: CodeReview, since: number, signal: AbortSignal): Promise<void> {
  let pause = firstPause;
  while (!signal.aborted) {
    try {
      return await fillGap(flow, review, since);
    } catch (error) {
      flow.logger.warn({ gerrit: review.name, err: errorText(error), pause }, 'what was missed cannot be read yet');
      await sleep(pause, signal);
      pause = Math.min(pause * 2, longestPause);
    }
  }
}
