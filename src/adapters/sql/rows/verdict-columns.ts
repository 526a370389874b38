import { causeOfResult, causeRules } from '../../../domain/cause.ts';
import type { NamedCause, Result, Verdict } from '../../../domain/verdict.ts';
import { optional } from '../connect.ts';

export interface VerdictColumns {
  result: Result | null;
  reason: string | null;
  error_code: string | null;
  passed: number | null;
  failed: number | null;
  skipped: number | null;
  failed_tests: readonly string[];
  cause: NamedCause | null;
}

export function toVerdict(row: VerdictColumns): Verdict | undefined {
  if (row.result === null) return undefined;
  return {
    result: row.result,
    reason: row.reason ?? '',
    errorCode: optional(row.error_code),
    tests: toTestCounts(row),
    failedTests: row.failed_tests,
    cause: toCause(row),
  };
}

/** Of builds that ended before they ran, or that an older sidegate judged, what the result says. */
export function toCause(row: Pick<VerdictColumns, 'result' | 'error_code' | 'cause'>): NamedCause | undefined {
  if (row.cause) return row.cause;
  const kind = row.result === null ? undefined : causeOfResult(row.result, optional(row.error_code));
  return kind && { kind, signature: undefined, otherwise: kind, retry: causeRules[kind].retry, lines: [] };
}

/** For the column; null: it did not fail. */
export function causeColumn({ cause }: Verdict): string | null {
  return cause ? JSON.stringify(cause).replaceAll('\\u0000', '\\ufffd') : null;
}

export function toTestCounts(row: Pick<VerdictColumns, 'passed' | 'failed' | 'skipped'>): Verdict['tests'] {
  if (row.passed === null) return undefined;
  return { passed: row.passed, failed: row.failed ?? 0, skipped: row.skipped ?? 0 };
}
