import type { BuildStore, BuildsetStore, SignatureHitStore } from './build-store.ts';
import type { CloudStore, CounterStore } from './cloud-store.ts';
import type { DependencyStore } from './dependency-store.ts';
import type { HoldStore } from './hold-store.ts';
import type { ImageStore } from './image-store.ts';
import type { JournalStore } from './journal-store.ts';
import type { LogStore } from './log-store.ts';
import type { LeftCloudStore } from './left-cloud-store.ts';
import type { LeftoverStore } from './leftover-store.ts';
import type { NoticeStore } from './notice-store.ts';
import type { OperatorStore } from './operator-store.ts';
import type { ReportStore } from './report-store.ts';
import type { ServerStore } from './server-store.ts';
import type { BackendStore, GuardStore, SlotStore } from './slot-store.ts';
import type { TriggerStore } from './trigger-store.ts';
import type { UploadStore } from './upload-store.ts';

/**
 * What sidegate knows, in PostgreSQL. A method is one statement unless said otherwise; `transaction` makes several of them one.
 * Changes wake the loops concerned, in every process, when they are committed (`ports/signals.ts`).
 */
export interface Store
  extends
    JournalStore,
    TriggerStore,
    BuildsetStore,
    BuildStore,
    SignatureHitStore,
    DependencyStore,
    ServerStore,
    CloudStore,
    LeftCloudStore,
    LeftoverStore,
    ImageStore,
    HoldStore,
    CounterStore,
    SlotStore,
    GuardStore,
    BackendStore,
    ReportStore,
    OperatorStore,
    LogStore,
    UploadStore,
    NoticeStore {
  /** All or nothing; what `work` throws undoes it and is thrown on. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** Keeps others that ask for the same lock waiting until the transaction ends. Only within `transaction`. */
  lock(name: string): Promise<void>;
  /**
   * Lets the transaction commit without waiting for the disk. When PostgreSQL or its machine crashes, the last of such commits may be
   * undone, always the newest ones, and never after a later ordinary commit. So only for what is simply done again, and never the last
   * commit before something outside is touched. Only within `transaction`.
   */
  commitLazily(): Promise<void>;
}
