import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anyHost, prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import { SidegateError } from '../domain/errors.ts';
import { plainSignature } from '../domain/testing/signatures.ts';
import type { JobEnd } from '../domain/verdict.ts';
import type { JobWatch } from '../ports/remote-jobs.ts';
import { collectArtifacts } from './collect-artifacts.ts';
import { judgeBuild } from './judge-build.ts';
import type { BuildContext } from './run-build.ts';
import { runJob } from './run-job.ts';

const mirror = plainSignature('apt', { any: ['^E: Failed to fetch'], logs: ['job-output.txt'], title: 'No mirror' });
const disk = plainSignature('full', { any: ['No space left'], logs: ['*/syslog.txt'], cause: 'disk' });
const trouble = plainSignature('host', { any: ['No valid host'], logs: ['sidegate:trouble'], cause: 'cloud' });
const feilong = plainSignature('reset', { any: ['bytes-like'], logs: ['feilong-calls.txt'], cause: 'backend' });
const signatures = [mirror, disk, trouble, feilong];
const worker = { host: anyHost, variables: {} };
const failed: JobEnd = { kind: 'exited', status: 1 };

let builds: RunningBuilds;
beforeEach(async () => {
  builds = await prepareRunningBuilds();
});
afterEach(() => builds.drop());

function contextWith(follow: (watch: JobWatch) => Promise<JobEnd>, files: Readonly<Record<string, Buffer>> = {}) {
  return builds.create({
    signatures,
    jobs: {
      follow: (_host, _job, watch) => follow(watch),
      collect: async (_host, _wanted, take) => {
        for (const [name, content] of Object.entries(files)) await take(name, content);
        return [];
      },
    },
    limits: { console: 1_000_000 },
    job: { phases: [{ name: 'stack', script: '' }] },
  });
}

function foundIn({ flow, build }: BuildContext) {
  return flow.store.signatureHits(build.id);
}

describe('signatures in the console', () => {
  test('are told while the job runs, over the borders of what comes', async () => {
    let early: unknown;
    const context = await contextWith(async (watch) => {
      await watch.onConsole(Buffer.from('first\nE: Fai'));
      await watch.onConsole(Buffer.from('led to fetch http://mirror\n'));
      for (let tries = 0; tries < 100 && !(early as unknown[] | undefined)?.length; tries += 1) {
        await watch.onConsole(Buffer.from('.'));
        await sleep(50);
        early = await foundIn(context);
      }
      return failed;
    });

    await runJob(context, worker);

    const found = [
      {
        signature: 'apt',
        log: 'job-output.txt',
        title: 'No mirror',
        cause: 'mirror',
        bug: undefined,
        lines: [{ line: 2, text: 'E: Failed to fetch http://mirror' }],
      },
    ];
    expect(early).toEqual(found);
    expect(await foundIn(context)).toEqual(found);
  });

  test('are the same for who takes the build over in the middle of a line', async () => {
    const console = Buffer.from('E: Failed to fetch it');
    let followers = 0;
    const context = await contextWith(async (watch) => {
      followers += 1;
      if (followers === 1) await watch.onConsole(console.subarray(0, 14));
      if (followers === 1) throw new SidegateError('disk-full', 'a process dies');
      await watch.onConsole(console.subarray(watch.offset));
      return failed;
    });
    await expect(runJob(context, worker)).rejects.toThrow('a process dies');
    const before = await foundIn(context);

    await runJob(context, worker);
    await runJob(context, worker);

    expect(before).toEqual([]);
    expect((await foundIn(context)).map(({ lines }) => lines)).toEqual([[{ line: 1, text: 'E: Failed to fetch it' }]]);
  });

  test('are not told by who has lost the build', async () => {
    const context = await contextWith(async (watch) => {
      await watch.onConsole(Buffer.from('E: Failed to fetch'));
      await context.flow.store.takeBuild(context.build.id, await builds.rows.addProcess());
      return failed;
    });

    await expect(runJob(context, worker)).rejects.toMatchObject({ code: 'stale-epoch' });
    expect(await foundIn(context)).toEqual([]);
  });
});

describe('signatures in artifacts', () => {
  test('are found in the logs they are for, compressed or damaged too', async () => {
    const packed = gzipSync(`one\nNo space left on device\n${'x'.repeat(200_000)}`);
    const context = await contextWith(async () => failed, {
      'a/syslog.txt.gz': packed,
      'b/syslog.txt.gz': packed.subarray(0, packed.length - 20),
      'c/other.txt': Buffer.from('No space left on device'),
    });

    await collectArtifacts(context, anyHost);
    await collectArtifacts(context, anyHost);

    expect((await foundIn(context)).map(({ log, lines }) => [log, lines])).toEqual([
      ['a/syslog.txt.gz', [{ line: 2, text: 'No space left on device' }]],
      ['b/syslog.txt.gz', [{ line: 2, text: 'No space left on device' }]],
    ]);
  });

  test('of one build are bounded', async () => {
    const context = await contextWith(async () => failed);
    const hit = { signature: 'apt', title: 't', cause: 'mirror', bug: undefined, lines: [] } as const;
    const many = Array.from({ length: 1000 }, (_, index) => ({ ...hit, log: `${index}` }));

    for (const part of [many.slice(0, 150), many.slice(150)])
      await context.flow.store.saveSignatureHits(context.lease, part);

    expect((await foundIn(context)).length).toBeLessThanOrEqual(400);
    await context.flow.store.saveSignatureHits(context.lease, many.slice(500));
    expect((await foundIn(context)).length).toBeLessThanOrEqual(400);
  });
});

describe('the cause of a build', () => {
  async function judged(context: BuildContext) {
    const end = await runJob(context, worker);
    const collected = await collectArtifacts(context, anyHost);
    return judgeBuild(context, { stopped: undefined, end: { ok: true, value: end }, collected });
  }

  test('is what a signature says, with the lines that show it', async () => {
    const context = await contextWith(async (watch) => {
      watch.onPhase('stack');
      await watch.onConsole(Buffer.from('E: Failed to fetch http://mirror\n'));
      return failed;
    });

    expect(await judged({ ...context, build: { ...context.build, slot: undefined } })).toMatchObject({
      result: 'NODE_FAILURE',
      errorCode: 'known-trouble',
      reason: 'No mirror. The job ended with status 1 without a failed test, in phase stack.',
      cause: { kind: 'mirror', otherwise: 'devstack', lines: [{ log: 'job-output.txt', line: 1 }] },
    });
  });

  test('is shown by the end of the console where no signature is found', async () => {
    const context = await contextWith(async (watch) => {
      watch.onPhase('stack');
      await watch.onConsole(Buffer.from(`${'long\n'.repeat(3000)}\u001b[31mone\u001b[0m\n\ntwo\r\nthree`));
      return failed;
    });

    expect(await judged({ ...context, build: { ...context.build, slot: undefined } })).toMatchObject({
      result: 'ERROR',
      cause: { kind: 'devstack', lines: ['one', 'two', 'three'].map((text) => ({ log: 'job-output.txt', text })) },
    });
  });

  test('is looked for in what was told of a trouble outside the job, and in the calls to Feilong', async () => {
    const context = await contextWith(async () => failed);
    const { flow, build } = context;
    await flow.archive.write(`${build.logPath}feilong-calls.txt`, 'a bytes-like object\n');
    const detail = 'The test server went to ERROR while booting. No valid host was found, password=open-sesame-1';
    const withoutWatch = {
      ...context,
      flow: { ...flow, store: { ...flow.store, outageSince: async () => undefined, guardOpens: async () => 1 } },
      signal: AbortSignal.abort(),
    } as unknown as BuildContext;

    const verdict = await judgeBuild(withoutWatch, {
      stopped: undefined,
      end: { ok: false, code: 'server-boot-failed', detail },
      collected: { tests: undefined, failedTests: [], unfinished: 0, testsIntact: false, infra: undefined },
    });

    expect(verdict).toMatchObject({
      result: 'NODE_FAILURE',
      errorCode: 'server-boot-failed',
      cause: { kind: 'cloud', signature: { id: 'host' } },
    });
    const found = await foundIn(context);
    expect(found.map(({ signature }) => signature)).toEqual(['host', 'reset']);
    expect(JSON.stringify([found, verdict.cause])).not.toContain('open-sesame');
  });
});
