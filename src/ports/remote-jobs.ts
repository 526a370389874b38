import type { ChosenFile, FoundFile, SearchedFolder } from '../domain/artifacts.ts';
import type { JobEnd } from '../domain/verdict.ts';

/** Jobs on test servers, over SSH. Throws SidegateError with an `ssh-*` code, or `job-lost`. */
export interface RemoteJobs {
  /** Resolves when a login on the host works; a pinned host key that does not match is `ssh-host-key`. */
  checkLogin(host: RemoteHost): Promise<void>;

  /**
   * Starts the job unless it was started before, then follows it until it ends. A job is started at most once on a host, whatever
   * dies in between; an older epoch than the host has seen is refused with `stale-epoch`. Rejects with `ssh-unreachable` when the
   * connection breaks: the job goes on, a later `follow` continues at `offset`.
   */
  follow(host: RemoteHost, job: RemoteJob, watch: JobWatch): Promise<JobEnd>;

  /**
   * Ends the job with every process it has started, whatever became of them; afterwards it cannot be started on this host any more. Of a
   * job that is over this ends what it left behind. A newer owner's job is left alone. Rejects when the host cannot be reached.
   */
  stop(host: RemoteHost, job: Pick<RemoteJob, 'id' | 'epoch'>): Promise<void>;

  /**
   * The job's artifact folder and what else is wanted, file by file. Returns the names of what was left out (at most a few hundred, as the
   * server wrote them): what is no plain file, is too large and no text, could not be read, or has a name that is not safe as a path of the
   * log tree.
   */
  collect(host: RemoteHost, wanted: WantedArtifacts, take: TakeArtifact): Promise<readonly string[]>;

  /** Lets the owner of a public key, a line of authorized_keys, log in too. On a connection of its own, which is closed at once. */
  addKey(host: RemoteHost, line: string): Promise<void>;

  /** Closes the connection to that host, if any. */
  disconnect(host: RemoteHost): void;
}

export interface RemoteHost {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Pinned host keys, each `TYPE BASE64`. */
  readonly hostKeys: readonly string[];
}

export interface RemoteJob {
  /** Names the job's folder on the host. */
  readonly id: string;
  readonly epoch: number;
  readonly phases: readonly RemotePhase[];
  readonly environment: Readonly<Record<string, string>>;
  /** Of all phases but those that always run (ms). */
  readonly timeout: number;
  /** Before another try of a phase (ms); 10 s. */
  readonly retryPause?: number;
  /** How long a runner may give no sign on a host that answers (ms); 60 s. */
  readonly patience?: number;
  /** Bytes of console the host keeps. */
  readonly consoleLimit: number;
}

export interface RemotePhase {
  readonly name: string;
  readonly script: string;
  /** Milliseconds; undefined: only the job's limit. */
  readonly timeout?: number | undefined;
  /** How often it is tried until it ends well. One that takes too long is not tried again. */
  readonly attempts?: number;
  /** Runs after the others, however they ended, and has no part in the result. Needs a time limit. */
  readonly always?: boolean;
}

export interface JobWatch {
  /** Byte of the console to begin with. */
  readonly offset: number;
  /** Console bytes in order; the next chunk waits until the promise resolves. */
  readonly onConsole: (chunk: Buffer) => Promise<void>;
  readonly onPhase: (name: string) => void;
  /** How long the console was at a moment; all of them from the job's begin on, in their order. */
  readonly onTime?: (moment: ConsoleMoment) => void;
  /** Stops following; the job goes on. */
  readonly signal: AbortSignal;
}

/** `bytes`: of the console. `uptime`: of the host (s); `clock`: what its clock of the day said then (s since 1970), now and then. */
export type ConsoleMoment =
  | { readonly kind: 'grown'; readonly uptime: number; readonly bytes: number }
  | { readonly kind: 'clock'; readonly uptime: number; readonly clock: number };

export interface WantedArtifacts {
  readonly jobId: string;
  /** The file to begin with, whatever else there is. */
  readonly first: string | undefined;
  /** Where files are looked for beside the artifact folder. */
  readonly elsewhere?: readonly SearchedFolder[];
  /** Which of the files found are sent, and in which order: asked when the first one is there. Undefined: all of the artifact folder. */
  readonly choose?: (found: readonly FoundFile[]) => readonly ChosenFile[];
}

/** `path` is relative and checked. Answering false ends the collection. */
export type TakeArtifact = (path: string, content: Buffer, cut?: CutFile) => Promise<boolean>;

/** Of a file that is too long its end alone is sent. */
export interface CutFile {
  /** Bytes the file has on the server. */
  readonly size: number;
  /** Bytes at the start of the content that are not wanted: only by what stands before them are some secrets known. */
  readonly context: number;
}
