import { describe, expect, test } from 'vitest';
import { recheckCall } from './recheck.ts';
import { lintReport } from './report-lint.ts';
import { durationText, lintedReport, reportTag, reportText } from './report-text.ts';
import type { Report, ReportedBuild } from './report-text.ts';

const good: ReportedBuild = {
  job: 'zvm-devstack-tempest',
  url: 'https://logs.example.org/45/12345/2/check/zvm-devstack-tempest/0a1b2c3/',
  result: 'SUCCESS',
  reason: 'All tests passed.',
  durationMs: 3_723_000,
  voting: true,
  failedTests: [],
  tests: { passed: 92, failed: 0, skipped: 19 },
};

function report(...builds: readonly ReportedBuild[]): Report {
  return {
    pipeline: 'check',
    ciName: 'IBM z/VM CI',
    contact: 'zvm-ci@example.com',
    wikiUrl: 'https://wiki.openstack.org/wiki/ThirdPartySystems/IBM_zVM_CI',
    recheck: 'recheck zvm',
    builds,
  };
}

test('a success reads so', () => {
  const { message, success } = reportText(report(good));

  expect(success).toBe(true);
  expect(message).toBe(
    [
      'Build succeeded (check pipeline).  Re-run: comment "recheck zvm".',
      'Wiki: https://wiki.openstack.org/wiki/ThirdPartySystems/IBM_zVM_CI  Contact: zvm-ci@example.com',
      '',
      '- zvm-devstack-tempest https://logs.example.org/45/12345/2/check/zvm-devstack-tempest/0a1b2c3/ : SUCCESS in 1h 02m 03s',
    ].join('\n'),
  );
});

test('a failure names its tests', () => {
  const failed: ReportedBuild = {
    ...good,
    result: 'FAILURE',
    reason: '2 tests failed.',
    failedTests: ['tempest.api.compute.A.test_a', 'tempest.api.compute.A.test_b'],
    tests: { passed: 90, failed: 2, skipped: 19 },
  };

  const { message, success } = reportText(report(failed));

  expect(success).toBe(false);
  expect(message).toContain('Build failed (check pipeline).');
  expect(message.split('\n').slice(-4)).toEqual([
    '',
    'zvm-devstack-tempest: 2 tests failed. (90 passed, 2 failed, 19 skipped)',
    '  failed: tempest.api.compute.A.test_a',
    '  failed: tempest.api.compute.A.test_b',
  ]);
});

test('an infra failure is called the own fault of the CI, without a vote', () => {
  const broken: ReportedBuild = {
    ...good,
    result: 'NODE_FAILURE',
    reason: 'The test server was not ready in time.',
    tests: undefined,
  };

  const { message } = reportText(report(good, broken));

  expect(message).toContain(
    'NODE_FAILURE is a failure of this CI itself: it says nothing about the change and there is no vote.',
  );
  expect(lintReport(message)).toEqual([]);
});

test('what failed is told in one short line, and never as more than that', () => {
  const failed = {
    ...good,
    result: 'ERROR',
    reason: 'It ended with status 1.',
    cause: 'devstack\n- x <b> : SUCCESS',
  } as const;

  const { message } = reportText(report(failed));

  expect(message.split('\n').slice(-2)).toEqual([
    'zvm-devstack-tempest: It ended with status 1. (92 passed, 0 failed, 19 skipped)',
    "  cause: devstack - x 'b' : SUCCESS",
  ]);
  expect(lintReport(message)).toEqual([]);
});

test('a failing non-voting job leaves the headline green and is marked', () => {
  const { message, success } = reportText(report(good, { ...good, job: 'scenario', result: 'FAILURE', voting: false }));

  expect(success).toBe(true);
  expect(message).toContain(' : FAILURE in 1h 02m 03s (non-voting)\n');
});

test('where no job votes, a failing one turns the headline red', () => {
  expect(reportText(report({ ...good, result: 'FAILURE', voting: false })).success).toBe(false);
});

test('where no comment runs it again, none is offered', () => {
  expect(reportText({ ...report(good), recheck: undefined }).message).toMatch(
    /^Build succeeded \(check pipeline\)\.\n/,
  );
});

test('a build that never ran has no time', () => {
  expect(reportText(report({ ...good, result: 'ABORTED', durationMs: undefined })).message).toMatch(/ : ABORTED$/m);
});

test('a report is cut at a line, result lines last', () => {
  const failedTests = Array.from({ length: 20 }, (_, index) => `tempest.${'x'.repeat(180)}.${index}`);
  const many = Array.from(
    { length: 30 },
    (_, index) => ({ ...good, job: `job-${index}`, result: 'FAILURE', failedTests }) as const,
  );

  const { message } = reportText(report(...many));

  expect(message.length).toBeLessThanOrEqual(16_384);
  expect(message.match(/^- job-/gm)).toHaveLength(30);
  expect(message).toMatch(/\n\(cut here: the rest is in the logs\)$/);
  expect(lintReport(message)).toEqual([]);
});

describe('what the linter takes exception to', () => {
  test('is left out: a job whose details would begin with a trigger word of CIs', () => {
    const failed = { ...good, job: 'run-tempest', result: 'FAILURE', reason: '1 of 3 tests failed.' } as const;

    const { flaws, form, message } = lintedReport(report(failed));

    expect([form, flaws]).toEqual(['reduced', ['line 6 starts with a trigger word of CIs']]);
    expect(lintReport(message)).toEqual([]);
    expect(message).toContain('\n- run-tempest https://');
    expect(message).not.toContain('tests failed');
  });

  test('makes it unreadable when it is in what the summary tab reads', () => {
    const { flaws, form } = lintedReport({ ...report(good), pipeline: 'check-zvm' });

    expect([form, flaws]).toEqual(['unreadable', ['line 1 is not "Build WORD (PIPELINE pipeline)."']]);
  });

  test('is told when there is no room for all results', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ ...good, job: `job-${index}` }));

    expect(lintedReport(report(...many)).flaws).toEqual([expect.stringMatching(/^no room for \d+ of 200 results$/)]);
  });

  test('is nothing in a usual report', () => {
    expect(lintedReport(report(good))).toEqual({ form: 'full', flaws: [], message: reportText(report(good)).message });
  });
});

test('our own report never triggers us', () => {
  for (const result of ['SUCCESS', 'FAILURE', 'NODE_FAILURE'] as const) {
    const { message } = reportText({ ...report({ ...good, result }), recheck: 'run-IBM z/VM CI' });

    expect(recheckCall(message, ['zvm'], 'IBM z/VM CI').kind).toBe('none');
  }
});

test.each([
  [0, '0s'],
  [59_400, '59s'],
  [59_600, '1m 00s'],
  [3_600_000, '1h 00m 00s'],
  [90_061_000, '25h 01m 01s'],
  [-5, '0s'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('the tag is a slug of the name and the pipeline', () => {
  expect(reportTag('IBM z/VM CI', 'check')).toBe('autogenerated:ibm-z-vm-ci:check');
});

describe('lintReport finds', () => {
  const line = '- job https://logs.example.org/1/ : SUCCESS in 3s';

  test.each([
    ['a dash in the pipeline name', `Build succeeded (check-zvm pipeline).\n${line}`, 'line 1'],
    ["LINSTOR's headline", `Build succeeded (LINBIT LINSTOR CI).\n${line}`, 'line 1'],
    ["Gerrit Trigger's headline", `Build Successful\n${line}`, 'line 1'],
    ['a star as bullet', 'Build succeeded (check pipeline).\n* job https://logs.example.org : SUCCESS', 'no line'],
    [
      'a blank in the job name',
      'Build failed (check pipeline).\n- my job https://logs.example.org : FAILURE',
      'line 2',
    ],
    ['a missing link', 'Build failed (check pipeline).\n- job none : FAILURE', 'no link'],
    ['a result without a colour', 'Build failed (check pipeline).\n- job https://logs.example.org : BROKEN', 'BROKEN'],
    ['a second headline', `Build failed (check pipeline).\n${line}\nBuild succeeded.`, 'second'],
    ['a control character', `Build failed (check pipeline).\n${line}\u001b`, 'control'],
    ['a trigger word', `Build failed (check pipeline).\n${line}\nrecheck to run again`, 'trigger word'],
    ['too much text', `Build failed (check pipeline).\n${line}\n${'x'.repeat(17_000)}`, 'longer'],
  ])('%s', (_name, text, found) => {
    expect(lintReport(text).join('; ')).toContain(found);
  });
});
