import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasOpenstackClient, runOpenstackClient } from '../../../lab/openstack/openstack-client.ts';
import type { ImageRow } from '../../../src/ports/status.ts';
import type { Child } from '../../../src/demo/child.ts';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { configure } from '../world/faults.ts';
import { commented, until } from '../world/look.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { labelOf, noticesOf } from './cloud-stage.ts';
import { consoleOf, goodImages, image, imagesInGlance, imagesOf, logOf, remainsBesideImages } from './image-looks.ts';
import type { ImageView } from './image-looks.ts';

/** What a build's console says about the image: `prepare` left the file, a broken image makes provisioning fail. */
const job = {
  name: 'story',
  label: 'small',
  timeout: '2m',
  attempts: 3,
  phases: [
    { name: 'fetch', run: 'true' },
    { name: 'provision', run: 'test ! -e "$HOME/broken"' },
    { name: 'test', run: 'echo "made by $(cat "$HOME/prepared" || echo nobody)"' },
  ],
};

const goodSmoke = 'test -s "$HOME/prepared"';
/** For a real cloud too (ms). */
const patience = 200_000;

/** A world whose sidegate is started anew for other scripts: it reads them when it starts. */
class Stage {
  readonly #cloud: () => CloudUnderTest;
  #world: World | undefined;
  #sidegate: Child<{ readonly url: string }> | undefined;

  constructor(cloud: () => CloudUnderTest) {
    this.#cloud = cloud;
  }

  get world(): World {
    return this.#world!;
  }

  async open(): Promise<void> {
    const cloud = this.#cloud();
    const image_build = { prepare: './prepare.sh', smoke: './smoke.sh', timeout: '2m', keep: 2 };
    this.#world = await startWorld({
      cloud,
      configuration: { labels: [labelOf(cloud, { image_build })], jobs: [job] },
    });
  }

  async startWith(prepare: string, smoke = goodSmoke): Promise<void> {
    await this.world.stopSidegates();
    await writeFile(join(this.world.directory, 'prepare.sh'), `${prepare}\n`);
    await writeFile(join(this.world.directory, 'smoke.sh'), `${smoke}\n`);
    this.#sidegate = await this.world.startSidegate();
  }

  async start(): Promise<void> {
    this.#sidegate = await this.world.startSidegate();
  }

  /** What sidegate says about its images. */
  async shownImages(): Promise<readonly ImageRow[]> {
    const answer = await fetch(`${this.#sidegate!.ready.url}/api/status`);
    return ((await answer.json()) as { images: readonly ImageRow[] }).images;
  }

  async killAndStart(): Promise<void> {
    this.#sidegate!.process.kill('SIGKILL');
    await this.#sidegate!.ended;
    this.#sidegate = await this.world.startSidegate();
  }

  /** What the next build says about its server. */
  async nextBuild(): Promise<string> {
    const { comments } = await commented(this.world, await this.world.push({}), 1, patience);
    return consoleOf(this.world, comments);
  }
}

/** A server is prepared, snapshotted and tried; builds boot from the snapshot, and go back by themselves when it is no good. */
export function imageStories(cloud: () => CloudUnderTest): void {
  describe('images of our own', () => {
    const stage = new Stage(cloud);
    beforeAll(() => stage.open());
    afterAll(() => stage.world.stop());
    afterEach(async () => {
      await until(
        () => remainsBesideImages(stage.world),
        ({ length }) => length === 0,
        patience,
      );
      await until(
        () => Promise.all([imagesInGlance(stage.world), goodImages(stage.world)]),
        ([inGlance, good]) => same(inGlance, good),
        patience,
      );
    });

    firstImageStories(stage);
    refusedImageStories(stage);
    badImageStories(stage);
    crashStories(stage);
    earlierImageStories(stage);
    scheduledImageStory(stage);
  });
}

function firstImageStories(stage: Stage): void {
  test('nobody builds one without a service, and that is said', async () => {
    await stage.startWith('echo one | tee "$HOME/prepared"');
    await stage.world.stopSidegates();

    const answer = await image(stage.world, 'build', 'small');
    await stage.start();
    const images = await until(
      () => imagesOf(stage.world),
      ([one]) => one?.state === 'active',
      patience,
    );

    expect(answer.status).toBe(1);
    expect(answer.output).toContain('No sidegate service runs');
    expect(images).toHaveLength(1);
  });

  test.skipIf(!hasOpenstackClient)('the command-line client of OpenStack sees it as sidegate shows it', async () => {
    const shown = await stage.shownImages();
    const listed = await runOpenstackClient<{ Name: string; Status: string }[]>(stage.world.cloud, 'image list');
    const own = listed.filter(({ Name }) => Name.startsWith('sidegate-'));

    expect(shown.map(({ state }) => state)).toEqual(['active']);
    expect(own.map(({ Name, Status }) => [Name, Status])).toEqual(shown.map(({ name }) => [name, 'active']));
  });

  test('the next build boots from it and finds what was prepared', async () => {
    const console = await stage.nextBuild();
    const [active] = await imagesOf(stage.world);
    const logs = ['prepare.txt', 'smoke.txt'].map((name) => logOf(stage.world, active!, name));

    expect(console).toContain('made by one');
    expect(await Promise.all(logs)).toEqual(['one\n', '']);
  });
}

function refusedImageStories(stage: Stage): void {
  test('one that cannot be prepared is refused, and the last good one stays', async () => {
    await stage.startWith('echo "no mirror answers"; exit 7');

    const answer = await image(stage.world, 'build', 'small');
    const [failed] = await imagesOf(stage.world);
    const notices = await noticesOf(stage.world);

    expect([answer.status, answer.output]).toEqual([
      1,
      expect.stringContaining('The prepare script ended with status 7'),
    ]);
    expect(failed?.state).toBe('failed');
    expect(await logOf(stage.world, failed!, 'prepare.txt')).toContain('no mirror answers');
    expect(notices.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['image-failed small on ci-cloud']);
    expect(await stage.nextBuild()).toContain('made by one');
  });

  test('one whose canary fails is refused and its snapshot deleted', async () => {
    await stage.startWith('echo two >"$HOME/prepared"', 'test "$(cat "$HOME/prepared")" = one');

    const answer = await image(stage.world, 'build', 'small');

    expect([answer.status, answer.output]).toEqual([
      1,
      expect.stringContaining('The smoke script ended with status 1'),
    ]);
    expect(await stage.nextBuild()).toContain('made by one');
  });
}

function badImageStories(stage: Stage): void {
  test('a good one is followed to its end and replaces the one before', async () => {
    await stage.startWith('echo three >"$HOME/prepared"');

    const answer = await image(stage.world, 'build', 'small');
    const list = await image(stage.world, 'list');

    expect([answer.status, answer.output]).toEqual([0, expect.stringMatching(/is preparing(.|\n)*is active/)]);
    expect(list.output).toMatch(/ {2}active .*0 good, 0 bad\n(.|\n)* {2}retired .*[1-9] good, 0 bad/);
    expect(await noticesOf(stage.world)).toEqual([]);
    expect(await stage.nextBuild()).toContain('made by three');
  });

  test('one on which builds cannot be provisioned is taken back by itself, and that is told', async () => {
    const { world } = stage;
    await stage.startWith('echo four >"$HOME/prepared"; touch "$HOME/broken"');
    const answer = await image(world, 'build', 'small');

    const first = await commented(world, await world.push({}), 1, patience);
    const second = await commented(world, await world.push({}), 1, patience);
    const [bad] = await until(
      () => imagesOf(world),
      ([newest]) => newest?.state === 'failed',
    );
    const notices = await noticesOf(world);

    expect([answer.status, first.verified, second.verified]).toEqual([0, 0, 0]);
    expect(bad?.detail).toContain('could not be provisioned');
    expect(notices.map(({ code }) => code)).toContain('image-failed');
    expect(await stage.nextBuild()).toContain('made by three');
  });
}

function crashStories(stage: Stage): void {
  test('kills of sidegate in every state lose nothing: each script runs once, one image comes of it', async () => {
    const { starts } = stage.world.recorder;
    await stage.startWith(
      `${tell('prepare', stage.world)}; sleep 2; echo five >"$HOME/prepared"`,
      `${tell('smoke', stage.world)}; sleep 1; ${goodSmoke}`,
    );
    const queued = await image(stage.world, 'build', 'small', '--no-wait');
    const moments: readonly ((newest: ImageView) => boolean)[] = [
      ({ state, server }) => state === 'preparing' && server !== null,
      () => starts.has('prepare'),
      ({ state }) => state !== 'preparing',
      ({ state, server }) => state === 'testing' && server !== null,
      () => starts.has('smoke'),
    ];

    for (const isMoment of moments) {
      await until(async () => (await imagesOf(stage.world))[0]!, isMoment, patience);
      await stage.killAndStart();
    }
    await until(
      () => imagesOf(stage.world),
      ([newest]) => newest?.state === 'active',
      patience,
    );

    expect(queued.status).toBe(0);
    expect(Object.fromEntries(starts)).toEqual({ prepare: 1, smoke: 1 });
    expect(await stage.nextBuild()).toContain('made by five');
  });
}

function earlierImageStories(stage: Stage): void {
  test('only the last good ones are kept', async () => {
    const before = await goodImages(stage.world);
    await stage.startWith('echo six >"$HOME/prepared"');

    await image(stage.world, 'build', 'small');
    const kept = await until(
      () => goodImages(stage.world),
      ({ length }) => length === 2,
    );

    expect(before).toHaveLength(2);
    expect(kept).toContain(before[0]);
    expect(kept).not.toContain(before[1]);
  });

  test('the operator goes back to the one before, and at last to the image of the configuration', async () => {
    const back = await image(stage.world, 'rollback', 'small');
    const before = await stage.nextBuild();
    const again = await image(stage.world, 'rollback', 'small');
    const none = await image(stage.world, 'rollback', 'small');

    expect([back.status, back.output]).toEqual([
      0,
      expect.stringMatching(/is taken back\. Servers boot from \S+ again/),
    ]);
    expect(before).toContain('made by five');
    expect(again.output).toContain('Servers boot from the image of the configuration');
    expect([none.status, none.output]).toEqual([1, 'No image of small is in use.\n']);
    expect(await stage.nextBuild()).toContain('made by nobody');
  });
}

function scheduledImageStory(stage: Stage): void {
  test('one is built by the schedule when the newest is old enough, once, and builds boot from it', async () => {
    const { world } = stage;
    await world.stopSidegates();
    await configure(world, ({ labels: [label] }) => Object.assign(label!.image_build!, { every: '24h' }));
    await stage.startWith('echo seven >"$HOME/prepared"');
    const before = await imagesOf(world);

    // A day and an hour pass for all of them.
    await world.database.pool.query(`update images set created_at = created_at - interval '25 hours'`);
    const [newest] = await until(
      () => imagesOf(world),
      ([one]) => one?.state === 'active',
      patience,
    );
    const console = await stage.nextBuild();

    expect(newest?.requested_by).toBe('schedule');
    expect(console).toContain('made by seven');
    expect(await imagesOf(world)).toHaveLength(before.length + 1);
  });
}

/** Tells the recorder, which counts. */
function tell(name: string, { recorder, cloud }: World): string {
  const { port } = new URL(recorder.url);
  return `exec 3<>/dev/tcp/${cloud.hostAddress}/${port}; printf 'POST /start/${name} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3 >/dev/null`;
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());
}
