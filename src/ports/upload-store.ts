export interface UploadClaim {
  readonly buildId: string;
  readonly logPath: string;
  /** How often it was tried, with this time. */
  readonly attempts: number;
}

export interface UploadedLogs {
  readonly buildId: string;
  readonly logPath: string;
}

/** Which builds' logs are in the object store `place`. Nothing of another place is touched. */
export interface UploadStore {
  /** A build that is over for a minute and whose logs are not all in the object store, the oldest first; it is this process's for two minutes. */
  claimUpload(process: string, place: string): Promise<UploadClaim | undefined>;
  /** Two more minutes; false: the logs expired, or another process has it. */
  renewUpload(process: string, buildId: string): Promise<boolean>;
  saveUploaded(
    process: string,
    buildId: string,
    sum: { readonly files: number; readonly bytes: number },
  ): Promise<void>;
  /** Not before `pause` ms from now, and from the beginning where it was done. */
  saveUploadDelayed(buildId: string, pause: number, problem: string): Promise<void>;
  /** Builds that wait for longer than a minute, and how long the oldest of them has (ms); `problem` is the last one. */
  uploadBacklog(place: string): Promise<UploadBacklog>;
  /** Says that local copies go, of those stored for `age` ms; the oldest first. Answers how many. */
  dropLocalLogs(place: string, age: number, limit: number): Promise<number>;
  /** Builds whose local copy is to go. */
  droppedLogs(place: string, limit: number): Promise<readonly UploadedLogs[]>;
  saveLocalDeleted(buildId: string): Promise<void>;
  /** Builds whose logs expired and of which something may be in the object store. */
  expiredUploads(place: string, limit: number): Promise<readonly UploadedLogs[]>;
  saveStoredRemoved(buildId: string): Promise<void>;
  /** The folder of these in which a build has its logs and no local copy. */
  findStoredFolder(place: string, folders: readonly string[]): Promise<string | undefined>;
  /** Names right below a folder (`45/12345/`) through which one gets to such builds. */
  foldersOfStored(place: string, folder: string, limit: number): Promise<readonly string[]>;
}

export interface UploadBacklog {
  readonly waiting: number;
  readonly oldest: number;
  readonly problem: string | undefined;
}
