import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Child } from '../../../src/demo/child.ts';
import { guestsOfHost } from '../../../src/demo/find-leftovers.ts';
import { freePort } from '../../../src/demo/free-port.ts';
import { gerritSeed } from '../../../src/demo/gerrit-seed.ts';
import { proposeChanges } from '../../../src/demo/propose-changes.ts';
import { readVotes } from '../../../src/demo/read-votes.ts';
import type { GerritView } from '../../../src/demo/read-votes.ts';
import { startSidegate } from '../../../src/demo/sample.ts';
import { startGerrit, startZvm } from '../../../src/demo/simulators.ts';
import type { Simulators } from '../../../src/demo/simulators.ts';
import { writeConfiguration } from '../../../src/demo/write-configuration.ts';
import { generateSshKey } from '../../../src/shared/generate-ssh-key.ts';
import { createTestDatabase } from '../../test-database.ts';
import type { TestDatabase } from '../../test-database.ts';
import { authOf, clientOf } from '../world/cloud-under-test.ts';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { forwardPort } from '../world/forward-port.ts';
import { nothing, remains, until } from '../world/look.ts';
import type { Remains } from '../world/look.ts';
import { labelOf } from './cloud-stage.ts';

/** For a real cloud too (ms). */
const patience = 240_000;

/** What `npm start` shows, on this cloud: the sample's own configuration, job, driver and changes. */
export function sampleStories(cloud: () => CloudUnderTest): void {
  describe('the running sample', { timeout: 2 * patience }, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await openStage(cloud());
    });
    afterAll(() => stage.close());

    test('its good change gets +1, its broken one −1, and nothing is left', async () => {
      const changes = await proposeChanges(stage.gerrit.ready.url, join(stage.directory, 'work'));
      const views = await until(
        () => Promise.all(changes.map((change) => readVotes(stage.gerrit.ready.url, change))),
        (all) => all.every((view) => view !== undefined && view.comments.length > 0),
        patience,
      );
      const left = await until(
        () => leftAt(stage, cloud()),
        (found) => JSON.stringify(found) === JSON.stringify(nothing),
        patience,
      );

      expect(changes.map(({ expected }) => expected)).toEqual([1, -1]);
      expect(views.map(verified)).toEqual([1, -1]);
      expect(views.map((view) => view?.comments.length)).toEqual([1, 1]);
      expect(left).toEqual(nothing);
    });
  });
}

/** Guests by all the sample's prefixes. */
async function leftAt(stage: Stage, cloud: CloudUnderTest): Promise<Remains> {
  const guests = await guestsOfHost(stage.zvm.ready.url);
  const left = await remains({ ...stage, cloudClient: clientOf(cloud) });
  return { ...left, guests: guests.filter((guest) => !stage.foreignGuests.includes(guest)) };
}

function verified(view: GerritView | undefined): number | undefined {
  return view?.votes['Verified'];
}

interface Stage {
  readonly directory: string;
  readonly gerrit: Simulators['gerrit'];
  readonly zvm: Simulators['zvm'];
  readonly database: TestDatabase;
  readonly foreignGuests: readonly string[];
  close(): Promise<void>;
}

async function openStage(cloud: CloudUnderTest): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'sidegate-sample-'));
  const seed = gerritSeed(await writeAccount(directory));
  const [gerrit, zvm, database] = await Promise.all([
    startGerrit({ directory, gerritSeed: seed, bootDelay: 0 }),
    startZvm({ directory }),
    createTestDatabase(),
  ]);
  const openstack = { ready: { authUrl: cloud.authUrl, sshPort: cloud.sshPort } } as Simulators['openstack'];
  const webPort = await freePort(0);
  const config = await writeConfiguration({ directory, simulators: { gerrit, openstack, zvm }, webPort, pace: 0 });
  const urls = [gerrit.ready.url, zvm.ready.url];
  await moveToCloud(config, cloud, urls);
  const closePorts = await openPorts(cloud, urls);
  const sidegate = await startSidegate(config, directory, 'sidegate.log', { DATABASE_URL: database.url });
  const children: Child<unknown>[] = [sidegate, gerrit, zvm];
  return {
    directory,
    gerrit,
    zvm,
    database,
    foreignGuests: await guestsOfHost(zvm.ready.url),
    close: async () => {
      for (const child of children) await child.stop();
      await closePorts();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function writeAccount(directory: string): Promise<{ publicKey: string; password: string }> {
  const key = generateSshKey('example-zvm-ci');
  const password = randomBytes(16).toString('hex');
  await writeFile(join(directory, 'gerrit-key'), key.privateKey, { mode: 0o600 });
  await writeFile(join(directory, 'gerrit-password'), `${password}\n`, { mode: 0o600 });
  return { publicKey: key.publicKey, password };
}

/** The sample's configuration, but for the cloud and where this machine is for its servers. */
async function moveToCloud(config: string, cloud: CloudUnderTest, urls: readonly string[]): Promise<void> {
  let text = await readFile(config, 'utf8');
  for (const url of urls) text = text.replaceAll(url, url.replace('127.0.0.1', cloud.hostAddress));
  text = text.replace('guard: {address: 127.0.0.1}', `guard: {address: ${cloud.hostAddress}}`);
  const sample = parse(text) as { labels: readonly { name: string }[] };
  const labels = sample.labels.map(({ name }) => labelOf(cloud, { name }));
  await writeFile(config, stringify({ ...sample, labels }));
  const access = { auth: authOf(cloud), region_name: cloud.regions[0], api_timeout: 30 };
  await writeFile(join(config, '..', 'clouds.yaml'), stringify({ clouds: { 'ci-cloud': access } }), { mode: 0o600 });
}

async function openPorts({ hostAddress }: CloudUnderTest, urls: readonly string[]): Promise<() => Promise<void>> {
  if (hostAddress === '127.0.0.1') return async () => {};
  const close = await Promise.all(urls.map((url) => forwardPort(hostAddress, Number(new URL(url).port))));
  return async () => {
    await Promise.all(close.map((one) => one()));
  };
}
