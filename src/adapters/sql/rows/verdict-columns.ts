import type { Result, Verdict } from '../../../domain/verdict.ts';
import { optional } from '../connect.ts';

export interface VerdictColumns {
  result: Result | null;
  reason: string | null;
  error_code: string | null;
  passed: number | null;
  failed: number | null;
  skipped: number | null;
  failed_tests: readonly string[];
}

export function toVerdict(row: VerdictColumns): Verdict | undefined {
  if (row.result === null) return undefined;
  return {
    result: row.result,
    reason: row.reason ?? '',
    errorCode: optional(row.error_code),
    tests: toTestCounts(row),
    failedTests: row.failed_tests,
  };
}

export function toTestCounts(row: Pick<VerdictColumns, 'passed' | 'failed' | 'skipped'>): Verdict['tests'] {
  if (row.passed === null) return undefined;
  return { passed: row.passed, failed: row.failed ?? 0, skipped: row.skipped ?? 0 };
}
