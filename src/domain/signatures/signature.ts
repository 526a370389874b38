import type { Cause } from '../cause.ts';
import type { PatternNode } from './pattern-syntax.ts';

/** A trouble that is known, and how it looks in the logs. */
export interface Signature {
  readonly id: string;
  /** One line for people. */
  readonly title: string;
  readonly cause: Cause;
  /** Patterns with `*` of names below the build's log folder, without `.gz`. */
  readonly logs: readonly string[];
  /** Each must match a line of one of these logs, the same for all; may be empty. */
  readonly all: readonly Pattern[];
  /** One of them must; empty: only `all` counts. */
  readonly any: readonly Pattern[];
  /** Patterns with `*` of the tests that fail of it; undefined: any. */
  readonly tests: readonly string[] | undefined;
  /** Where it is reported. */
  readonly bug: string | undefined;
  /** Undefined: as its cause has it. */
  readonly retry: boolean | undefined;
}

export interface Pattern {
  readonly text: string;
  readonly node: PatternNode;
}

/** Where a signature was found. */
export interface SignatureHit {
  /** Its id. */
  readonly signature: string;
  /** Name of the log below the build's log folder. */
  readonly log: string;
  readonly lines: readonly LogLine[];
}

export interface LogLine {
  /** From 1. */
  readonly line: number;
  /** One line, sanitized and cut. */
  readonly text: string;
}

/** In place of a log: what the cloud, SSH or the back end said when something broke outside the job. No artifact can have this name. */
export const troubleLog = 'sidegate:trouble';
