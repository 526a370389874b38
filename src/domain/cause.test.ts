import { describe, expect, test } from 'vitest';
import { causeOfError, causeOfResult, causeRules, causes, isInfra, ruleOf, votesFailure } from './cause.ts';
import { catalogue } from './errors.ts';
import type { ErrorCode } from './errors.ts';
import { outcomeOf } from './vote.ts';

describe('the table of causes', () => {
  test('lets no infrastructure vote, tells the operator and tries again', () => {
    const infra = causes.filter(isInfra).map((cause) => causeRules[cause]);

    expect(infra.length).toBeGreaterThan(5);
    expect(infra.every(({ notice, retry, vote }) => vote === 'none' && retry && notice)).toBe(true);
    expect(causes.filter((cause) => causeRules[cause].vote === 'failure')).toEqual(['patch']);
  });

  test('has one vote for each result, so that the result says it', () => {
    const votes = Map.groupBy(causes, (cause) => causeRules[cause].result);

    for (const [result, same] of votes) {
      expect(new Set(same.map((cause) => causeRules[cause].vote)).size).toBe(1);
      expect(outcomeOf([{ result, voting: true }])).toBe(votesFailure(result) ? 'failure' : 'undecided');
    }
  });

  test('knows the cause of every error that can end a build', () => {
    const service = (Object.keys(catalogue) as ErrorCode[]).filter((code) => causeOfError(code) === 'service');

    expect(service).toEqual([
      'server-stuck',
      'leftovers-found',
      'leftover-stuck',
      'cloud-removed',
      'image-failed',
      'hold-refused',
      'stale-epoch',
      'known-trouble',
      'drain-refused',
      'lease-over',
      'image-taken',
      'gerrit-unreachable',
      'gerrit-auth',
      'gerrit-no-stream',
      'gerrit-host-key',
      'gerrit-refused',
      'gerrit-busy',
      'vote-refused',
      'vote-dropped',
      'report-unreadable',
      'reports-stopped',
      'report-held',
      'notice-unsent',
      'branch-failed',
      'carry-conflict',
      'carry-unusable',
      'carry-over',
      'tested-otherwise',
      'exclude-expired',
      'change-closed',
      'config-invalid',
      'options-invalid',
      'state-database',
      'state-migration-drift',
      'input-too-large',
      'path-refused',
      'log-gap',
      'logs-expired-early',
      'logs-disk-full',
      'object-store-unreachable',
      'object-store-refused',
      'uploads-behind',
      'cancelled',
      'internal',
      'not-found',
    ]);
  });

  test('holds for verdicts of an older sidegate too, by their result', () => {
    const old = { reason: '', errorCode: undefined, tests: undefined, failedTests: [] };

    expect(ruleOf({ ...old, result: 'SUCCESS' })).toBeUndefined();
    expect(ruleOf({ ...old, result: 'ABORTED' })?.vote).toBe('no comment');
    expect(causeOfResult('NODE_FAILURE', 'cloud-quota')).toBe('cloud');
    expect(causeOfResult('NODE_FAILURE', undefined)).toBe('service');
    expect(causeOfResult('FAILURE', undefined)).toBe('patch');
  });
});
