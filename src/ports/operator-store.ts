import type { ErrorCode } from '../domain/errors.ts';

export interface Notice {
  readonly code: ErrorCode;
  /** What it is about; the same code and subject again only counts. */
  readonly subject: string;
  readonly text: string;
}

export interface OperatorStore {
  /** Id of this installation, the owner mark on test servers. */
  installationId(): Promise<string>;
  saveNotice(notice: Notice): Promise<void>;
  /** Closes one notice, or all of a subject. */
  closeNotice(code: ErrorCode | 'all', subject: string): Promise<void>;
  /** Closes those of this code about anything else. */
  closeNoticesExcept(code: ErrorCode, subjects: readonly string[]): Promise<void>;
  /** Other processes that are gone without a goodbye: their session lock is free. */
  deadProcesses(self: string): Promise<readonly string[]>;
  /** Gives `to` everything `from` held: builds, servers to boot, claims on reports (after a pause). Returns the running builds. */
  takeOver(from: string, to: string): Promise<readonly string[]>;
}
