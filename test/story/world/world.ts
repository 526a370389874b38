import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { AccountName } from '../../../lab/gerrit/accounts.ts';
import { pushChange } from '../../../lab/gerrit/push-change.ts';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import type { Child } from '../../../src/demo/child.ts';
import { freePort } from '../../../src/demo/free-port.ts';
import { startSidegate } from '../../../src/demo/sample.ts';
import type { Cloud } from '../../../src/ports/cloud.ts';
import { startZvm } from '../../../src/demo/simulators.ts';
import type { Simulators } from '../../../src/demo/simulators.ts';
import { createTestDatabase } from '../../test-database.ts';
import type { TestDatabase } from '../../test-database.ts';
import { authOf, clientOf, startSimulatedCloud } from './cloud-under-test.ts';
import type { CloudUnderTest } from './cloud-under-test.ts';
import { labelOf } from '../cloud/cloud-stage.ts';
import { forwardPort } from './forward-port.ts';
import { startSimulatedGerrit } from './gerrit-under-test.ts';
import type { GerritUnderTest } from './gerrit-under-test.ts';
import { startRecorder } from './recorder.ts';
import type { Recorder } from './recorder.ts';
import { scriptedPhases } from './scripted-job.ts';

export interface WorldOptions {
  /** The simulator when left out. */
  readonly gerrit?: GerritUnderTest;
  /** The simulator when left out. */
  readonly cloud?: CloudUnderTest;
  /** Account sidegate uses. */
  readonly account?: AccountName;
  /** Pause between two questions whether Gerrit's connection lives; a second when left out. */
  readonly keepalive?: string;
  /** Milliseconds a test server of the simulator takes to boot. */
  readonly bootDelay?: number;
  /** Limit of one request to the cloud, seconds. */
  readonly apiTimeout?: number;
  /** Quota of the simulator. */
  readonly instances?: number;
  /** Replaces parts of sidegate.yaml at its top level. */
  readonly configuration?: object | ((cloud: CloudUnderTest) => object);
  /** Slots of the one shared back end. */
  readonly slots?: number;
  /** false: workers reach Feilong itself. */
  readonly guard?: boolean;
}

/** What a change's story.json may say; see scripted-job.mjs. */
export interface Story {
  readonly tests?: Readonly<Record<string, 'pass' | 'fail' | 'skip'>>;
  readonly seconds?: number;
  readonly guests?: number;
  readonly leak?: boolean;
  readonly outOfMemory?: boolean;
  /** Calls to Feilong; PREFIX is the worker's. */
  readonly calls?: readonly { readonly method: string; readonly path: string; readonly body?: object }[];
  readonly exit?: number;
  /** Lines for the console. */
  readonly prints?: readonly string[];
  /** Artifacts: names to texts. */
  readonly logs?: Readonly<Record<string, string>>;
  /** What a phase before the tests does, where the job has one that looks. */
  readonly stack?: { readonly prints?: readonly string[]; readonly seconds?: number; readonly exit?: number };
  /** A test of its own that fails when Feilong is out of order at the end. */
  readonly asksFeilong?: boolean;
}

/** Gerrit, cloud, z/VM and a database, with sidegate processes that can be started and killed at will. */
export interface World {
  readonly directory: string;
  readonly config: string;
  readonly gerrit: GerritUnderTest;
  readonly cloud: CloudUnderTest;
  /** To look at the cloud beside sidegate. */
  readonly cloudClient: Cloud;
  readonly zvm: Simulators['zvm'];
  readonly database: TestDatabase;
  readonly recorder: Recorder;
  /** `sidegate serve`; several share the database. */
  startSidegate(): Promise<Child<{ readonly url: string }>>;
  stopSidegates(): Promise<void>;
  /** Pushes a change (or a new patchset of one), as the developer where nobody else is named. */
  push(story: Story, of?: PushedPatchset, subject?: string, author?: AccountName): Promise<PushedPatchset>;
  stop(): Promise<void>;
}

const project = 'openstack/nova';
/** Text of sidegate's logs is kept here when a story fails: set SIDEGATE_KEEP=1. */
const keep = process.env['SIDEGATE_KEEP'] !== undefined;

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'sidegate-story-'));
  const gerrit = options.gerrit ?? (await startSimulatedGerrit(join(directory, 'gerrit')));
  const simulated = { directory, bootDelay: options.bootDelay ?? 50, instances: options.instances ?? 60 };
  const [cloud, zvm, database, recorder] = await Promise.all([
    options.cloud ?? startSimulatedCloud(simulated),
    startZvm(simulated),
    createTestDatabase(),
    startRecorder(),
  ]);
  const parts = { directory, gerrit, cloud, cloudClient: clientOf(cloud), zvm, database, recorder };
  const closePorts = await openPorts(parts);
  const config = await writeConfiguration(parts, options);
  const children: Child<{ readonly url: string }>[] = [];
  return {
    ...parts,
    config,
    startSidegate: async () => {
      const child = await startSidegate(config, directory, `sidegate-${children.length + 1}.log`, {
        DATABASE_URL: database.url,
      });
      children.push(child);
      return child;
    },
    stopSidegates: async () => {
      await Promise.all(children.map((child) => child.stop()));
    },
    push: (story, of, subject = 'A change with a story', author = 'dev') =>
      pushChange({
        url: gerrit.url,
        username: author,
        password: gerrit.accounts[author].password,
        project,
        subject,
        // The salt makes two equal stories two different trees.
        files: { 'story.json': JSON.stringify({ ...story, salt: Math.random() }) },
        ...(of ? { changeId: of.changeId } : {}),
      }),
    stop: async () => {
      await Promise.all(children.map((child) => child.stop()));
      await closePorts();
      await Promise.all([zvm.stop(), recorder.close(), database.drop()]);
      if (!options.cloud) await cloud.stop();
      if (!options.gerrit) await gerrit.stop();
      if (!keep) await rm(directory, { recursive: true, force: true });
    },
  };
}

type Parts = Omit<World, 'config' | 'startSidegate' | 'stopSidegates' | 'push' | 'stop'>;

/** Servers of a real cloud reach Gerrit, Feilong and the recorder at this machine's address in their network. */
async function openPorts({ gerrit, cloud, zvm, recorder }: Parts): Promise<() => Promise<void>> {
  if (cloud.hostAddress === '127.0.0.1') return async () => {};
  const ports = [gerrit.url, zvm.ready.url, recorder.url].map((url) => Number(new URL(url).port));
  const close = await Promise.all(ports.map((port) => forwardPort(cloud.hostAddress, port)));
  return async () => {
    await Promise.all(close.map((one) => one()));
  };
}

/** The same address as test servers see it. */
function seenFrom({ hostAddress }: CloudUnderTest, url: string): string {
  const seen = new URL(url);
  seen.hostname = hostAddress;
  return seen.href.replace(/\/$/, '');
}

async function writeConfiguration(parts: Parts, options: WorldOptions): Promise<string> {
  const { directory, gerrit, cloud } = parts;
  const account = gerrit.accounts[options.account ?? 'zvm-ci'];
  await mkdir(directory, { recursive: true });
  await cp(account.privateKeyFile, join(directory, 'gerrit-key'));
  await writeFile(join(directory, 'gerrit-password'), account.password, { mode: 0o600 });
  await writeFile(
    join(directory, 'clouds.yaml'),
    stringify({
      clouds: {
        'ci-cloud': {
          auth: authOf(cloud),
          region_name: cloud.regions[0],
          regions: cloud.regions,
          api_timeout: options.apiTimeout ?? 30,
        },
      },
    }),
    { mode: 0o600 },
  );
  const path = join(directory, 'sidegate.yaml');
  await writeFile(
    path,
    stringify({
      ...(await connections(parts, account.username, options.keepalive ?? '1s')),
      ...tests(parts, { slots: options.slots ?? 2, guard: options.guard ?? true }),
      ...(typeof options.configuration === 'function' ? options.configuration(cloud) : options.configuration),
    }),
  );
  return path;
}

async function connections({ gerrit, cloud }: Parts, username: string, keepalive: string): Promise<object> {
  return {
    name: 'Example z/VM CI',
    contact: 'zvm-ci@example.com',
    wiki_url: 'https://wiki.openstack.org/wiki/ThirdPartySystems/Example_zVM_CI',
    state: { directory: './state' },
    logs: { directory: './logs' },
    // Two processes on one configuration: each takes the port it gets.
    web: { listen: '127.0.0.1:0', public_url: `http://127.0.0.1:${await freePort(0)}` },
    gerrit: [
      {
        name: 'review',
        host: '127.0.0.1',
        ssh_port: gerrit.sshPort,
        username,
        private_key: './gerrit-key',
        host_key: gerrit.hostKey,
        url: seenFrom(cloud, gerrit.url),
        password: { file: './gerrit-password' },
        keepalive,
      },
    ],
    clouds_file: './clouds.yaml',
  };
}

function tests({ cloud, zvm, recorder }: Parts, { slots, guard }: { slots: number; guard: boolean }): object {
  return {
    labels: [labelOf(cloud, { boot_timeout: '1m', max: 10 })],
    backends: [
      {
        name: 'lpar1',
        kind: 'shared',
        url: seenFrom(cloud, zvm.ready.url),
        ...(guard ? { guard: { address: cloud.hostAddress } } : { direct_access: true }),
        slots: Array.from({ length: slots }, (_, n) => ({ prefix: `ZA${n.toString(36).toUpperCase()}` })),
      },
    ],
    jobs: [
      {
        name: 'story',
        label: 'small',
        backend: 'shared',
        timeout: '2m',
        attempts: 3,
        test_results: 'testrepository.subunit',
        phases: scriptedPhases(seenFrom(cloud, recorder.url)),
      },
    ],
    pipelines: [
      {
        name: 'check',
        triggers: ['patchset-created', 'recheck'],
        vote: { label: 'Verified', success: 1, failure: -1 },
      },
    ],
    projects: [{ gerrit: 'review', project, branches: ['master'], pipelines: { check: ['story'] } }],
    log_level: 'debug',
  };
}
