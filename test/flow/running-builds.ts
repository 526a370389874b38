import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scrubbedLogs } from './scrubbed-logs.ts';
import { createSampleRows } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { SampleRows } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { Job, Limits } from '../../src/domain/settings.ts';
import type { BuildContext } from '../../src/flow/run-build.ts';
import type { RemoteHost, RemoteJobs } from '../../src/ports/remote-jobs.ts';
import { SignatureMatcher } from '../../src/domain/signatures/match-log.ts';
import type { Signature } from '../../src/domain/signatures/signature.ts';
import { createLogger } from '../../src/shared/logger.ts';

/** Builds that run, on a real database and log archive; only what the test server answers is the test's own. */
export interface RunningBuilds {
  readonly rows: SampleRows;
  create(parts: {
    jobs: Partial<RemoteJobs>;
    job?: Partial<Job>;
    limits?: Partial<Limits>;
    signatures?: readonly Signature[];
    /** What Nova says about the server; `gone`: it does not know it. */
    status?: string | undefined;
    /** What the cloud shows as the console of the server. */
    serverConsole?: string;
  }): Promise<BuildContext>;
  /** Names in the build's log folder. */
  published(context: BuildContext): Promise<readonly string[]>;
  publishedFile(context: BuildContext, name: string): Promise<string>;
  publishedBytes(context: BuildContext, name: string): Promise<Buffer>;
  drop(): Promise<void>;
}

export const anyHost: RemoteHost = { address: '127.0.0.1', port: 22, user: 'zuul', hostKeys: [] };

export async function prepareRunningBuilds(): Promise<RunningBuilds> {
  const rows = await createSampleRows();
  const directory = await mkdtemp(join(tmpdir(), 'running-builds-'));
  const folder = ({ build }: BuildContext) => join(directory, build.logPath);

  const create: RunningBuilds['create'] = async (parts) => {
    const { jobs, job, limits, signatures = [], status = 'ACTIVE', serverConsole = '' } = parts;
    const { lease, server } = await rows.addRunning();
    await rows.store.saveNovaId(server, 'nova');
    await rows.store.saveServerReady(server, anyHost.address, []);
    const flow = {
      store: rows.store,
      signatures: new SignatureMatcher(signatures),
      ...scrubbedLogs(directory),
      logger: createLogger('silent'),
      settings: {
        limits: { console: 100, unreachable: 60_000, artifactFiles: 3, artifacts: 10_000_000, ...limits },
        backends: [],
      },
      reviews: new Map([['review', { review: { fetchUrl: 'http://gerrit' } }]]),
      clouds: new Map([
        [
          'ci',
          {
            showServer: async () => (status === 'gone' ? undefined : { status }),
            consoleLog: async () => serverConsole,
          },
        ],
      ]),
      jobs: { checkLogin: async () => {}, stop: async () => {}, ...jobs },
      consoleGrew: () => {},
    };
    const build = await rows.store.findBuild(lease.buildId);
    const { signal } = new AbortController();
    const fullJob = { name: 'job', timeout: 60_000, environment: {}, phases: [], testResults: undefined, ...job };
    return { flow, build, job: fullJob, lease, signal } as unknown as BuildContext;
  };
  return {
    rows,
    create,
    published: async (context) => (await readdir(folder(context))).toSorted((a, b) => a.localeCompare(b)),
    publishedBytes: (context, name) => readFile(join(folder(context), name)),
    publishedFile: (context, name) => readFile(join(folder(context), name), 'utf8'),
    drop: async () => {
      await rows.drop();
      await rm(directory, { recursive: true });
    },
  };
}
