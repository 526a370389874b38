import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgressReader, howFar } from '../src/domain/test-progress.ts';
import type { TestProgress } from '../src/domain/test-progress.ts';

const sample = (name: string) =>
  readFileSync(new URL(`fixtures/tempest-console/${name}`, import.meta.url)) as Uint8Array;

function read(console: string | Uint8Array, sizes: readonly number[] = []): TestProgress | undefined {
  const bytes = typeof console === 'string' ? new TextEncoder().encode(console) : console;
  const reader = createProgressReader();
  let from = 0;
  for (const size of sizes) {
    reader.push(bytes.subarray(from, from + size));
    from = Math.min(bytes.length, from + size);
  }
  reader.push(bytes.subarray(from));
  return reader.progress;
}

describe('the progress of the tests', () => {
  it('is what a real console of tempest tells, as its own totals say', () => {
    const progress = read(sample('run1.txt'));

    expect(progress).toMatchObject({ selected: undefined, passed: 69, skipped: 19, failed: 4, again: undefined });
    expect(progress?.failures[0]).toEqual({
      id: 'tempest.api.identity.v3.test_ec2_credentials.EC2CredentialsTest.test_create_ec2_credential',
      duration: 371,
      again: undefined,
    });
  });

  it('counts a fixture that failed as what it stands for', () => {
    const progress = read(sample('zvm-patch1.txt'));

    expect(progress).toMatchObject({ passed: 1, failed: 3 });
    expect(progress?.failures.map(({ id }) => id)).toContain(
      'setUpClass (tempest.api.compute.servers.test_create_server.ServersTestJSON)',
    );
  });

  it('is the same however the console is cut into parts', () => {
    const console = sample('zvm-patch1.txt');
    const whole = read(console);

    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 40 }), (sizes) => {
        expect(read(console, sizes)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('is n of m once the job has told how many it selected, and starts again with the next list', () => {
    const console = 'Selected: 3 tests\n{0} a.B.c [1.5s] ... ok\n{1} a.B.d ... SKIPPED: no volumes ... yet\n';

    expect(read(console)).toMatchObject({ selected: 3, passed: 1, skipped: 1, failed: 0, latest: 'a.B.d' });
    expect(read(`${console}Selected: 2 tests\n`)).toMatchObject({ selected: 2, passed: 0, skipped: 0 });
    expect(howFar({ selected: 3, ended: 2 })).toBe('2 of 3 tests had ended');
    expect(howFar({ selected: undefined, ended: 2 })).toBe('2 tests had ended');
    expect(howFar({ selected: 1, ended: 2 })).toBe('1 of 1 tests had ended');
  });

  it('keeps the second run apart: what it tells changes no number of the first', () => {
    const progress = read(
      'Selected: 3 tests\n{0} a.B.c [1s] ... FAILED\n{0} a.B.d [1s] ... FAILED\n{0} a.B.e [1s] ... ok\n' +
        'Run again: 2 tests\n{0} a.B.c [1s] ... ok\n{1} a.B.d [1s] ... FAILED\n',
    );

    expect(progress).toMatchObject({ passed: 1, failed: 2, again: { selected: 2, passed: 1, failed: 1 } });
    expect(progress?.failures.map(({ again, id }) => [id, again])).toEqual([
      ['a.B.c', 'passed'],
      ['a.B.d', 'failed'],
    ]);
  });

  it.each([
    ['2026-11-27 13:24:11.123 | {0} a.B.c [1.5s] ... ok'],
    ['{0} a.B.c [1.5s +3.20%] ... ok'],
    ['{0} a.B.c [1.500000s] ... \u001b[32mok\u001b[0m'],
    ['{12} a.B.c [1.5s] ... ok\r'],
  ])('reads %j', (line) => {
    expect(read(`${line}\n`)).toMatchObject({ passed: 1, latest: 'a.B.c' });
  });

  it.each([
    ['    {0} a.B.c [1.5s] ... ok'],
    ['{0} a.B.c [1.5s] ... fine'],
    ['a.B.c ... ok'],
    ['{x} a.B.c ... ok'],
    ['nova {0} a.B.c ... ok'],
    ['Request: {0} a ... ok'],
    ['{0} a.B.c [1.5s] ... ok'.slice(0, 20)],
    ['Run again: 3 tests'],
  ])('does not read %j', (line) => {
    expect(read(`${line}\n`)).toBeUndefined();
  });

  it('stays small whatever a job prints', () => {
    const line = `{0} ${'\u001b[31m\u202e<b>x'.repeat(400)} [1s] ... FAILED\n`;
    const long = `{0} a.B.${'c'.repeat(3_000_000)} ... FAILED\n`;
    const progress = read(`${'{0} a.B.c [9999999999s] ... FAILED\n'.repeat(5000)}${line}${long}`);

    expect(progress?.failed).toBe(5000);
    expect(progress?.failures).toHaveLength(50);
    expect(JSON.stringify(progress).length).toBeLessThan(30_000);
    expect(read('{0} a\u202e\u0000b ... FAILED\n')?.failures[0]?.id).toBe('ab');
  });
});
