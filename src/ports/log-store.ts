import type { LogSettings } from '../domain/settings.ts';

/** Which builds still have logs. A build that runs, whose report waits, or whose server is held keeps its logs, and so does one that has no end. */
export interface LogStore {
  /** Says of builds that ended so long ago that their logs expire; the oldest first. Answers how many. */
  expireLogs(keep: LogSettings['keep'], limit: number): Promise<number>;
  /** The same for the oldest builds, whatever their age above an hour; those of held servers last. Answers how long ago each of them ended (ms). */
  expireOldestLogs(limit: number): Promise<readonly number[]>;
  /** Builds whose logs expired and are not deleted yet, the oldest first. */
  expiredLogs(limit: number): Promise<readonly { readonly buildId: string; readonly logPath: string }[]>;
  saveLogsDeleted(buildIds: readonly string[]): Promise<void>;
  /** Consoles that no build has, of failed boots and of images not in use, which ended more than `age` ms ago; the oldest first. */
  oldConsoles(age: number, limit: number): Promise<readonly OldConsole[]>;
  saveConsoleDeleted(console: OldConsole): Promise<void>;
  /** True when a build that ended within `age` ms has lost its logs because the disk was full. */
  hasLostLogsWithin(age: number): Promise<boolean>;
}

export interface OldConsole {
  readonly of: 'server' | 'image';
  /** Of the server or image. */
  readonly id: string;
  /** Of the file, or of the folder. */
  readonly path: string;
}
