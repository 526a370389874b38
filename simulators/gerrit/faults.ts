import { z } from 'zod';
import type { StreamEnding } from './events/hub.ts';

const faultsSchema = z.strictObject({
  /** The next reviews over REST are answered with this status and not done. */
  refuseReviews: z.strictObject({ count: z.int().min(0), status: z.int().min(400).max(599).default(503) }).optional(),
  /** The next answers to `GET …/files` are this status. */
  refuseFiles: z.strictObject({ count: z.int().min(0), status: z.int().min(400).max(599).default(503) }).optional(),
  /** The next reviews over REST are done, then the connection drops before the answer. */
  loseReviewReplies: z.strictObject({ count: z.int().min(0) }).optional(),
  /** Every review over REST waits this long before it is done. */
  delayReviewsMs: z.int().min(0).max(600_000).optional(),
  /** Ends every open stream now: its channel with exit status 0, or the whole SSH connection. */
  closeStreams: z.enum(['channel', 'connection']).optional(),
});

/** What tests make go wrong. Set over `POST /simulator/faults`, never mixed with Gerrit's own paths. */
export class Faults {
  delayReviewsMs = 0;
  #refusals = 0;
  #refusalStatus = 503;
  #fileRefusals = { count: 0, status: 503 };
  #lostReplies = 0;
  readonly #closeStreams: (how: StreamEnding) => number;

  constructor(closeStreams: (how: StreamEnding) => number) {
    this.#closeStreams = closeStreams;
  }

  set(input: unknown): object {
    const { refuseFiles, refuseReviews, loseReviewReplies, delayReviewsMs, closeStreams } = faultsSchema.parse(input);
    if (refuseReviews) {
      this.#refusals = refuseReviews.count;
      this.#refusalStatus = refuseReviews.status;
    }
    this.#fileRefusals = refuseFiles ?? this.#fileRefusals;
    this.#lostReplies = loseReviewReplies?.count ?? this.#lostReplies;
    this.delayReviewsMs = delayReviewsMs ?? this.delayReviewsMs;
    const closedStreams = closeStreams === undefined ? 0 : this.#closeStreams(closeStreams);
    return { ...this.describe(), closedStreams };
  }

  describe(): object {
    return {
      refuseFiles: this.#fileRefusals,
      refuseReviews: { count: this.#refusals, status: this.#refusalStatus },
      loseReviewReplies: { count: this.#lostReplies },
      delayReviewsMs: this.delayReviewsMs,
    };
  }

  /** The status to refuse this review with, undefined to let it through. */
  takeRefusal(): number | undefined {
    if (this.#refusals === 0) return undefined;
    this.#refusals -= 1;
    return this.#refusalStatus;
  }

  takeFileRefusal(): number | undefined {
    const { count, status } = this.#fileRefusals;
    if (count === 0) return undefined;
    this.#fileRefusals = { count: count - 1, status };
    return status;
  }

  takeLostReply(): boolean {
    if (this.#lostReplies === 0) return false;
    this.#lostReplies -= 1;
    return true;
  }
}
