import type { Settings } from '../domain/settings.ts';
import type { SignatureMatcher } from '../domain/signatures/match-log.ts';
import type { Guards } from '../ports/guard.ts';
import type { Backend } from '../ports/backend.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { CodeReview } from '../ports/code-review.ts';
import type { DurableBuilds } from '../ports/durable-builds.ts';
import type { LogArchive } from '../ports/log-archive.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Scrubber } from '../ports/scrubber.ts';
import type { RemoteJobs } from '../ports/remote-jobs.ts';
import type { Signals } from '../ports/signals.ts';
import type { Store } from '../ports/store.ts';
import type { NoticeChannel } from '../ports/notice-channel.ts';
import type { Logger } from '../shared/logger.ts';

/** Everything the steps of the flow work with; `service.ts` makes it. */
export interface Flow {
  /** Id of this process. */
  readonly self: string;
  readonly settings: Settings;
  readonly store: Store;
  readonly signals: Signals;
  readonly reviews: ReadonlyMap<string, ReviewAccount>;
  readonly clouds: ReadonlyMap<string, Cloud>;
  readonly backends: ReadonlyMap<string, Backend>;
  readonly guards: Guards;
  readonly jobs: RemoteJobs;
  readonly builds: DurableBuilds;
  /** Ids of the builds this process works on now. */
  readonly active: Set<string>;
  /** Scrubs what is written to it. */
  readonly archive: LogArchive;
  /** Where logs go when their build is over; undefined: they stay in the archive. */
  readonly objects: ObjectStore | undefined;
  /** Known troubles, to look for in logs. */
  readonly signatures: SignatureMatcher;
  readonly scrubber: Scrubber;
  readonly keypair: Keypair;
  /** Owner mark on test servers. */
  readonly installation: string;
  /** Public base URL of the log tree, with a trailing slash. */
  readonly logsUrl: string;
  /** Where operators are told. */
  readonly channels: readonly NoticeChannel[];
  /** Public address of the status page. */
  readonly statusUrl: string;
  readonly logger: Logger;
  /** Tells the pages that there is more console to show; called often, must be cheap. */
  readonly consoleGrew: (buildId: string) => void;
}

export interface ReviewAccount {
  readonly review: CodeReview;
  readonly username: string;
}

export interface Keypair {
  readonly name: string;
  readonly publicKey: string;
}
