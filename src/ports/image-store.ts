import type { ImageOutcome } from '../domain/image-outcome.ts';
import type { NewestImage } from '../domain/image-plan.ts';

export type ImageState = 'preparing' | 'snapshotting' | 'testing' | 'active' | 'retired' | 'failed' | 'deleted';

/** An image of our own: a server of the base image, prepared, snapshotted, tried by a canary. */
export interface ImageRecord {
  readonly id: string;
  readonly label: string;
  readonly cloud: string;
  /** Its name in Glance; unique. */
  readonly name: string;
  readonly state: ImageState;
  /** Its Glance id, once the snapshot was asked for. */
  readonly imageId: string | undefined;
  /** The server being prepared, then the canary. */
  readonly server: string | undefined;
  readonly requestedBy: string;
  /** Folder of its consoles below the log archive, with a `/` at the end. */
  readonly logPath: string;
  readonly detail: string;
  readonly epoch: number;
  /** Milliseconds since 1970, as all of these. */
  readonly createdAt: number;
  /** When it came into its state. */
  readonly since: number;
  readonly promotedAt: number | undefined;
  readonly goodBuilds: number;
  readonly badBuilds: number;
}

/** The right to work on an image, as `BuildLease` for a build. */
export interface ImageLease {
  readonly image: string;
  readonly epoch: number;
}

export interface NewImage {
  readonly id: string;
  readonly label: string;
  readonly cloud: string;
  readonly name: string;
  readonly requestedBy: string;
  readonly logPath: string;
}

export interface ImageChange {
  readonly state: ImageState;
  readonly server: string | undefined;
  /** What it waits for, or why it failed. */
  readonly detail: string;
}

/** A build and the image of our own its server booted from. */
export interface BuildImage {
  readonly image: string;
  /** Names of the phases that were begun. */
  readonly begun: readonly string[];
}

export interface ImageStore {
  findImage(id: string): Promise<ImageRecord | undefined>;
  /** The one servers of this label boot from in this cloud. */
  activeImage(label: string, cloud: string): Promise<ImageRecord | undefined>;
  /** Those that are, or may be, in Glance; newest first. */
  liveImages(): Promise<readonly ImageRecord[]>;
  /** Newest first, whatever became of them. */
  recentImages(limit: number): Promise<readonly ImageRecord[]>;
  newestImages(): Promise<readonly NewestImage[]>;
  /** False while another one is in work for this label and cloud. */
  insertImage(image: NewImage): Promise<boolean>;
  /** Ids of images in work that are this process's; those of nobody become so. */
  imagesToBuild(owner: string): Promise<readonly string[]>;
  /** Makes `owner` the one who works on the image: raises the epoch. Undefined when there is nothing to do. */
  takeImage(id: string, owner: string): Promise<ImageRecord | undefined>;
  moveImage(lease: ImageLease, change: ImageChange): Promise<void>;
  /** Its Glance id. */
  saveSnapshot(lease: ImageLease, imageId: string): Promise<void>;
  /** Servers boot from it from now on; the one before is kept to go back to. Only within a transaction that has its lock. */
  promoteImage(lease: ImageLease): Promise<void>;
  /**
   * Makes the active image a failed one and the newest retired one active; servers booted from it that wait for a build are released.
   * `undone` false: it was active no more. `next` undefined: servers boot from the label's own image. Only within a transaction that
   * has its lock.
   */
  takeBackImage(
    id: string,
    detail: string,
  ): Promise<{ readonly undone: boolean; readonly next: ImageRecord | undefined }>;
  /** Says that a retired one is to be deleted. */
  dropImage(id: string, detail: string): Promise<void>;
  /** Undefined when the server of the build did not boot, or not from an image of ours. */
  imageOfBuild(buildId: string): Promise<BuildImage | undefined>;
  countOnImage(id: string, outcome: ImageOutcome): Promise<void>;
  /** True when another server, gone or not, had one of this server's SSH host keys. */
  sharesHostKey(serverId: string): Promise<boolean>;
  /** Images to delete that no server uses and nobody tried within the last seconds; claims them. */
  claimImagesToDelete(limit: number): Promise<readonly ImageRecord[]>;
  /** Nothing of it is left in Glance. */
  saveImageGone(id: string): Promise<void>;
}
