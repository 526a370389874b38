import type { Build, BuildStep } from '../domain/build.ts';
import type { Cause } from '../domain/cause.ts';
import type { Baseline } from '../domain/baseline.ts';
import type { Dependencies } from '../domain/dependencies.ts';
import type { Patchset } from '../domain/patchset.ts';
import type { BranchTip, TestedRef } from '../domain/tested-ref.ts';
import type { LeasedSlot, SlotName } from '../domain/slot.ts';
import type { Evidence } from '../domain/guard/evidence.ts';
import type { Proof } from '../domain/proof.ts';
import type { EarlyBaseline, EarlyFailure, EarlyPeer } from '../domain/early-failure.ts';
import type { Peer } from '../domain/same-failure.ts';
import type { SignatureHit } from '../domain/signatures/signature.ts';
import type { TestResult } from '../domain/test-result.ts';
import type { Verdict } from '../domain/verdict.ts';

export interface NewBuildset {
  readonly tested: TestedRef;
  readonly pipeline: string;
  readonly priority: number;
  readonly eventId: string;
  readonly jobs: readonly string[];
  /** Not when the patchset, or the commit of the branch, has a result of that pipeline. */
  readonly isOnce: boolean;
  /** A job of it carries changes. */
  readonly carries?: boolean;
}

export interface BuildsetStore {
  /** False when the same patchset or tip is still queued or running in that pipeline, or the event started it before; with `isOnce`, also when it has ended. */
  insertBuildset(buildset: NewBuildset): Promise<boolean>;
  /** Pipelines in which the patchset is queued, runs, or has ended; those from which it was taken away count not. */
  pipelinesOf(change: { connection: string; number: number }, patchset: number): Promise<readonly string[]>;
  /**
   * Stops what runs for a change, for patchsets below `below` (all when undefined): queued builds end, running ones are asked to stop,
   * nothing is reported. Returns the number of buildsets stopped.
   */
  abortBuildsets(
    change: { connection: string; number: number },
    below: number | undefined,
    reason: string,
  ): Promise<number>;
  /** Ends the buildsets of older commits of the branch of which no build has started. Returns their number. */
  abortQueuedTips(tip: BranchTip, pipeline: string, reason: string): Promise<number>;
  /** Queues another attempt of a build's job. */
  insertNextAttempt(buildId: string, delay: number): Promise<void>;
  /** Closes the buildset when no build of it is queued or running. Returns its last attempts then, undefined while it is open. */
  closeBuildset(buildsetId: string): Promise<ClosedBuildset | undefined>;
  /** The results a buildset has so far, for a preview. The id, or the first digits of it or of one of its builds. */
  findBuildset(start: string): Promise<BuildsetSoFar | undefined>;
}

export interface BuildsetSoFar extends Omit<ClosedBuildset, 'wanted'> {
  /** Jobs that have no result yet. */
  readonly unfinished: readonly string[];
  /** How its report was written down; undefined: it was not yet. */
  readonly report: { readonly state: string; readonly message: string } | undefined;
}

export interface ClosedBuildset {
  readonly id: string;
  readonly tested: TestedRef;
  readonly pipeline: string;
  /** False when it was superseded or aborted: nothing is reported then. */
  readonly wanted: boolean;
  readonly builds: readonly FinishedBuild[];
}

/** Only buildsets of patchsets are reported. */
export interface PatchsetBuildset extends Omit<ClosedBuildset, 'tested' | 'wanted'> {
  readonly patchset: Patchset;
}

export interface FinishedBuild {
  readonly id: string;
  readonly job: string;
  readonly verdict: Verdict;
  readonly durationMs: number;
  readonly logPath: string;
}

/** The right to act for a build. A write with an epoch that is not the build's own changes nothing and throws `stale-epoch`. */
export interface BuildLease {
  readonly buildId: string;
  readonly epoch: number;
}

export interface QueuedBuild {
  readonly id: string;
  readonly job: string;
  readonly project: string;
  readonly priority: number;
  /** Milliseconds since 1970. */
  readonly queuedAt: number;
}

export interface RunningBuild extends Build {
  readonly tested: TestedRef;
  readonly pipeline: string;
  /** What is tested together with it. */
  readonly dependencies: Dependencies;
  readonly server: string | undefined;
  readonly slot: LeasedSlot | undefined;
  readonly logPath: string;
  readonly cancelReason: string | undefined;
  readonly startedAt: number;
}

export interface BuildStore {
  /** Builds that may start now, oldest first; not those whose dependencies are not known yet. */
  queuedBuilds(limit: number): Promise<readonly QueuedBuild[]>;
  runningBuildsPerProject(): Promise<ReadonlyMap<string, number>>;
  saveWaiting(waiting: readonly { readonly buildId: string; readonly reason: string }[]): Promise<void>;
  /**
   * Gives queued builds their servers and slots and this process as owner. Returns the builds that started: one that ended meanwhile does
   * not, and takes nothing.
   */
  startBuilds(starts: readonly BuildStart[]): Promise<readonly BuildLease[]>;
  /**
   * Puts a running build back into the queue, as if it had not been admitted, for at least `pause` (ms), which doubles with each time. Its
   * slot becomes dirty, its server is to be deleted. False when it shall stop or another process has it.
   */
  requeueBuild(lease: BuildLease, waitingFor: string, pause: number): Promise<boolean>;
  /** Gives back what builds that are over still have, and says what it was. `finishBuild` leaves nothing: older versions did. */
  releaseOrphans(): Promise<readonly string[]>;
  /** Makes `owner` the one who acts for a running build: raises the epoch. Undefined when it runs no more. */
  takeBuild(buildId: string, owner: string): Promise<RunningBuild | undefined>;
  runningBuildsOf(owner: string): Promise<readonly string[]>;
  findBuild(buildId: string): Promise<RunningBuild | undefined>;
  saveStep(lease: BuildLease, step: BuildStep, phase?: string): Promise<void>;
  saveTestResults(lease: BuildLease, tests: readonly TestResult[]): Promise<void>;
  /** Tests of the build that ran at each of these times (ISO 8601). */
  testsAt(buildId: string, times: readonly string[]): Promise<readonly (readonly string[])[]>;
  /** What it did on z/VM. */
  saveEvidence(lease: BuildLease, evidence: Evidence): Promise<void>;
  /** What was really tested. */
  saveProof(lease: BuildLease, proof: Proof): Promise<void>;
  /** Ends the build. Slot becomes dirty, server is to be deleted. */
  finishBuild(lease: BuildLease, verdict: Verdict): Promise<void>;
  /**
   * What failed in this build, and in builds of the same job on the same back end, for changes of other people, that ran at any time during
   * it.
   */
  failuresBeside(buildId: string): Promise<{ readonly ours: readonly string[]; readonly peers: readonly Peer[] }>;
  /** How the job failed before its tests. */
  saveEarlyFailure(lease: BuildLease, failure: EarlyFailure): Promise<void>;
  /**
   * Builds of the same job on other workers, for changes of other people, that ran at any time during this one, or ended in the half hour
   * before it.
   */
  earlyFailuresBeside(buildId: string): Promise<readonly EarlyPeer[]>;
  /** How its job ended last on its branch before this build began; undefined: nobody tested it lately, or the build tests a branch itself. */
  earlyBaselineOf(buildId: string): Promise<EarlyBaseline | undefined>;
  /** How its job fared on its branch without a change; undefined: nobody tested it lately, or the build tests a branch itself. */
  baselineOf(buildId: string): Promise<Baseline | undefined>;
  /** Asks a build to stop: a queued one ends at once. False when there is none such or it is done. */
  cancelBuild(buildId: string, reason: string): Promise<boolean>;
}

/** A hit, and what the signature said then. */
export interface FoundSignature extends SignatureHit {
  readonly title: string;
  readonly cause: Cause;
  readonly bug: string | undefined;
}

export interface SignatureHitStore {
  /** Known troubles in the logs of a build; the same again changes nothing. Of one build not more than a page takes are kept. */
  saveSignatureHits(lease: BuildLease, hits: readonly FoundSignature[]): Promise<void>;
  /** By signature and log. */
  signatureHits(buildId: string): Promise<readonly FoundSignature[]>;
}

export interface BuildStart {
  readonly buildId: string;
  readonly owner: string;
  readonly serverId: string;
  readonly slot: SlotName | undefined;
}
