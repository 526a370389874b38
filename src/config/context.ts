import type { Findings } from './findings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What reading a part of the configuration needs besides the part itself. */
export interface Context {
  /** Folder of `sidegate.yaml`: relative paths start here. */
  readonly folder: string;
  readonly env: Environment;
  readonly findings: Findings;
}
