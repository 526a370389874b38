import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recheckCall } from './recheck.ts';
import { lintReport, longestComment, resultPattern, statusWithPipeline } from './report-lint.ts';
import { lintedReport, reportText } from './report-text.ts';
import type { Report, ReportedBuild } from './report-text.ts';

/** Names of tests, reasons and whatever else came from a test server. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '\n- fake https://evil.example : SUCCESS in 1s',
    '- fake https://evil.example : SUCCESS in 1s',
    '\nBuild succeeded (check pipeline).',
    '\u2028Build succeeded.',
    '\u0085- fake https://evil.example : SUCCESS',
    '\u2028recheck',
    '\r\nrun-IBM z/VM CI',
    '\u001b[2J\u001b]0;x\u0007',
    '\u202egnp',
    '[x](https://evil.example)',
    '\njob-0: All tests passed.\n  failed: nothing',
    '',
    '😀'.repeat(150),
  ),
);
/** As the configuration lets them be: some are words that CIs listen to. */
const jobName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  fc.constantFrom('run-tempest', 'recheck', 'Build', 'zvm-devstack-tempest'),
);
const build = fc.record({
  job: jobName,
  url: fc.nat().map((id) => `https://logs.example.org/45/12345/2/check/${id.toString(16)}/`),
  result: fc.constantFrom('SUCCESS', 'FAILURE', 'ERROR', 'TIMED_OUT', 'NODE_FAILURE', 'ABORTED'),
  reason: hostile,
  cause: fc.option(hostile, { nil: undefined }),
  durationMs: fc.option(fc.nat(), { nil: undefined }),
  voting: fc.boolean(),
  failedTests: fc.array(hostile, { maxLength: 60 }),
  tests: fc.option(fc.record({ passed: fc.nat(), failed: fc.nat(), skipped: fc.nat() }), { nil: undefined }),
}) as fc.Arbitrary<ReportedBuild>;
const builds = fc.array(build, { minLength: 1, maxLength: 30 });

function report(all: readonly ReportedBuild[], more: Partial<Report> = {}): Report {
  return {
    pipeline: 'check',
    ciName: 'IBM z/VM CI',
    contact: 'zvm-ci@example.com',
    wikiUrl: 'https://wiki.openstack.org/wiki/ThirdPartySystems/IBM_zVM_CI',
    recheck: 'recheck zvm',
    builds: all,
    ...more,
  };
}

/** What OpenDev's summary tab makes of a message: the first status, and every line that looks like a result. */
function shownInSummary(message: string) {
  const { pipeline, status } = statusWithPipeline.exec(message)?.groups ?? {};
  const results = message.split('\n').flatMap((line) => {
    const { job, link, result } = resultPattern.exec(line)?.groups ?? {};
    return job === undefined ? [] : [{ job, link, result }];
  });
  return { pipeline, status, results };
}

test('the summary tab shows every result and no other, whatever tests, reasons and contacts say', () => {
  fc.assert(
    fc.property(builds, hostile, hostile, hostile, (all, contact, wikiUrl, recheck) => {
      const whole = report(all, { contact, wikiUrl, recheck });
      const expected = {
        pipeline: 'check',
        status: reportText(whole).success ? 'succeeded' : 'failed',
        results: all.map(({ job, result, url }) => ({ job, link: url, result })),
      };

      const posted = lintedReport(whole);

      expect(posted.form).not.toBe('unreadable');
      for (const { message } of [posted, reportText(whole)])
        // Gerrit puts its header before the comment.
        expect(shownInSummary(`Patch Set 2: Verified-1\n\n${message}`)).toEqual(expected);
    }),
  );
});

test('every line is one of ours, and nothing of it is a link or markup of a test server', () => {
  const ours =
    /^(?:Build (?:succeeded|failed) \(check pipeline\)\..*|Wiki: .*|NODE_FAILURE is a failure of this CI itself: .*||- \S+ https:\S+ : [A-Z_]+.*|[\w.-]+: .*| {2}cause: .*| {2}failed: .*| {2}and \d+ more|\(cut here: the rest is in the logs\))$/u;
  fc.assert(
    fc.property(builds, (all) => {
      const { message } = reportText(report(all));

      for (const line of message.split('\n')) expect(line).toMatch(ours);
      expect(message).not.toContain('](https');
      expect(message).not.toMatch(/https?:\/\/evil/);
    }),
  );
});

test('what a build says stands below the name of its own job', () => {
  const said = fc.array(hostile, { maxLength: 25 });
  fc.assert(
    fc.property(fc.array(fc.tuple(build, said), { minLength: 2, maxLength: 12 }), (all) => {
      const named = all.map(([one, texts], index) => {
        const [reason = '', ...failedTests] = ['', ...texts].map((text) => `@${index}@ ${text.replaceAll('@', '')}`);
        return { ...one, job: `job-${index}`, reason, failedTests };
      });

      const { message } = reportText(report(named, { contact: 'nobody' }));

      let current = '';
      for (const line of message.split('\n')) {
        current = /^(?<job>job-\d+): /.exec(line)?.groups?.['job'] ?? current;
        for (const [, index] of line.matchAll(/@(\d+)@/g)) expect(current, line).toBe(`job-${index}`);
      }
    }),
  );
});

test('a report is at most as long as Gerrit takes, cut at a line, all results in it', () => {
  const name = fc.integer({ min: 1, max: 97 }).map((length) => `${'😀'.repeat(length)}.end`);
  const failed = fc.record({
    job: jobName,
    url: fc.constant('https://logs.example.org/1/'),
    failedTests: fc.array(name, { minLength: 5, maxLength: 40 }),
    reason: fc.constant('All is lost.end'),
  });
  fc.assert(
    fc.property(fc.array(failed, { minLength: 1, maxLength: 40 }), (all) => {
      const broken = { result: 'FAILURE', voting: true, durationMs: 1, tests: undefined } as const;

      const { message } = reportText(report(all.map((one) => ({ ...one, ...broken }))));

      const lines = message.split('\n');
      expect(message.length).toBeLessThanOrEqual(longestComment);
      expect(message.isWellFormed()).toBe(true);
      expect(lines.filter((line) => line.startsWith('- '))).toHaveLength(all.length);
      for (const line of lines.filter((one) => /^ {2}failed: |: All is/.test(one))) expect(line).toMatch(/\.end$/);
      const told = lines.filter((line) => line.includes(': All is lost')).length;
      if (told < all.length) expect(lines.at(-1)).toBe('(cut here: the rest is in the logs)');
    }),
  );
});

test('no report asks a CI to run again', () => {
  fc.assert(
    fc.property(builds, hostile, (all, contact) => {
      const { message } = lintedReport(report(all, { contact, recheck: 'run-IBM z/VM CI' }));

      expect(recheckCall(message, ['zvm'], 'IBM z/VM CI').kind).toBe('none');
      expect(message).not.toMatch(/^\s*(?:recheck|reverify|run-)/im);
    }),
  );
});

test('even with names and addresses that no configuration lets through, what is posted passes the linter', () => {
  const text = fc.oneof(hostile, fc.constantFrom('run-', 'recheck', 'Build succeeded (x pipeline).', '- a b : c'));
  const named = fc.record({ build, job: text, url: fc.oneof(text, fc.constant('https://logs.example.org/')) });
  fc.assert(
    fc.property(fc.array(named, { maxLength: 200 }), text, text, (all, contact, wikiUrl) => {
      const foreign = all.map((one) => ({ ...one.build, job: one.job, url: one.url }));

      const { form, message } = lintedReport(report(foreign, { contact, wikiUrl }));

      expect(message.length).toBeLessThanOrEqual(longestComment);
      if (form !== 'unreadable') expect(lintReport(message)).toEqual([]);
      for (const line of message.split('\n')) expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
    }),
  );
});
