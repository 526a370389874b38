import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { VitestRun } from '../test/vitest-report.ts';
import { runRounds } from './run-rounds.ts';

const passed: VitestRun = { passed: 2, failed: 0, failedFiles: [] };

function failing(path: string): VitestRun {
  return { passed: 1, failed: 1, failedFiles: [{ path, passed: 1, failedTests: [`${path} fails`] }] };
}

/** Runs files as they would end; a second end is for the second run. Answers in which order they began, too. */
async function runAll(
  rounds: readonly (readonly (readonly string[])[])[],
  ends: Readonly<Record<string, VitestRun[]>> = {},
  files = Infinity,
) {
  const begun: string[] = [];
  const said: string[] = [];
  let running = 0;
  let most = 0;
  const counts = await runRounds(rounds, {
    run: async (file) => {
      begun.push(file);
      most = Math.max(most, (running += 1));
      await turn();
      running -= 1;
      return ends[file]?.shift() ?? passed;
    },
    deadline: files,
    now: () => begun.length,
    say: (line) => said.push(line),
  });
  return { ...counts, begun, said, most };
}

describe('rounds of test files', () => {
  test('run one after the other, the lanes of one beside each other', async () => {
    const { begun, most, ...counts } = await runAll([[['a', 'b'], ['c']], [['d']]]);

    expect(begun).toEqual(['a', 'c', 'b', 'd']);
    expect(most).toBe(2);
    expect(counts).toMatchObject({ passed: 8, failed: 0, leftOut: [] });
  });

  test('leave out and name what did not begin in time', async () => {
    expect(await runAll([[['a', 'b']], [['c']]], {}, 1)).toMatchObject({
      begun: ['a'],
      passed: 2,
      leftOut: ['b', 'c'],
    });
  });

  test('run what failed once more, and say so when it passes then', async () => {
    const { failed, passed: good, begun, said } = await runAll([[['a', 'b']]], { a: [failing('a'), passed] });

    expect(begun).toEqual(['a', 'a', 'b']);
    expect([good, failed]).toEqual([4, 0]);
    expect(said.join('\n')).toContain('UNSTEADY, passed only when run again: a fails');
  });

  test('run nothing again when time is over', async () => {
    expect(await runAll([[['a', 'b']]], { a: [failing('a'), passed] }, 1)).toMatchObject({
      begun: ['a'],
      failed: 1,
      leftOut: ['b'],
    });
  });

  test('run nothing again when three files have failed: that is no accident', async () => {
    const bad = ['a', 'b', 'c', 'd'];
    const { begun, failed } = await runAll(
      [[bad]],
      Object.fromEntries(bad.map((path) => [path, [failing(path), failing(path)]])),
    );

    expect(begun).toEqual(['a', 'a', 'b', 'b', 'c', 'c', 'd']);
    expect(failed).toBe(4);
  });

  test('do not end before the other lane has', async () => {
    const ended: string[] = [];
    const run = async (file: string) => {
      if (file === 'broken') throw new Error('no report');
      await turn();
      ended.push(file);
      return passed;
    };

    await expect(
      runRounds([[['broken'], ['b']]], { run, deadline: Infinity, now: Date.now, say: () => {} }),
    ).rejects.toThrow('no report');
    expect(ended).toEqual(['b']);
  });
});
