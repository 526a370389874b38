import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addBranch } from '../../../lab/gerrit/add-branch.ts';
import type { AccountName } from '../../../lab/gerrit/accounts.ts';
import { pushChange } from '../../../lab/gerrit/push-change.ts';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import type { Child } from '../../../src/demo/child.ts';
import type { Overview } from '../../../src/ports/status.ts';
import { startWebhookReceiver } from '../../webhook-receiver.ts';
import type { WebhookReceiver } from '../../webhook-receiver.ts';
import type { GerritUnderTest } from '../world/gerrit-under-test.ts';
import { lookAt, until } from '../world/look.ts';
import type { ChangeView } from '../world/look.ts';
import { startWorld } from '../world/world.ts';
import type { Story, World } from '../world/world.ts';
import { reportOn } from './hold-reports.ts';

/** Nobody else tests this branch. */
const branch = 'storm';
const project = 'example/zvm-driver';
const patience = 120_000;

export const failing: Story = { tests: { 'story.create': 'pass', 'story.delete': 'fail' } };

/** A sidegate with a database of its own, beside the stage's on the same Gerrit: what it stops is stopped for nobody else. */
export class StormPlace {
  readonly world: World;
  /** Whose reports were held back. */
  readonly waiting: PushedPatchset[] = [];
  readonly #receiver: WebhookReceiver;
  /** Comments each change should have in the end. */
  readonly #said = new Map<PushedPatchset, number>();
  #sidegate: Child<{ readonly url: string }> | undefined;

  private constructor(world: World, receiver: WebhookReceiver) {
    this.world = world;
    this.#receiver = receiver;
  }

  /** With a sidegate that runs: three failures alike stop reports, only a person lets them go on. */
  static async open(gerrit: GerritUnderTest): Promise<StormPlace> {
    await addBranch(gerrit, project, branch);
    const configuration = {
      projects: [{ gerrit: 'review', project, branches: [branch], pipelines: { check: ['story'] } }],
      storm_brake: { failures: 3, resume: 'hand' },
      notices: { webhooks: [{ name: 'chat', url: { file: './hook' } }], after: '0s', again: '0s', every: '0s' },
    };
    const place = new StormPlace(await startWorld({ gerrit, configuration }), await startWebhookReceiver());
    try {
      await writeFile(join(place.world.directory, 'hook'), place.#receiver.url, { mode: 0o600 });
      await place.start();
      return place;
    } catch (error) {
      await place.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.world.stop();
    await this.#receiver.stop();
  }

  async start(): Promise<void> {
    this.#sidegate = await this.world.startSidegate();
  }

  async kill(): Promise<void> {
    this.#sidegate?.process.kill('SIGKILL');
    await this.#sidegate?.ended;
  }

  async status(): Promise<Overview> {
    return (await (await fetch(`${this.#sidegate?.ready.url}/api/status`)).json()) as Overview;
  }

  push(author: AccountName, story: Story): Promise<PushedPatchset> {
    const { accounts, url } = this.world.gerrit;
    return pushChange({
      url,
      username: author,
      password: accounts[author].password,
      project,
      branch,
      subject: 'A change in a storm',
      files: { 'story.json': JSON.stringify({ ...story, salt: Math.random() }) },
    });
  }

  /** Two failures that are reported, and a third one that is not: its change. */
  async storm(): Promise<PushedPatchset> {
    // One after the other: at the same time they would be the lab's trouble before any verdict.
    for (const author of ['dev', 'admin'] as const) await this.says(await this.push(author, failing), 1);
    const stopped = await this.push('dev', failing);
    await this.waits(stopped);
    return stopped;
  }

  /** Waits until the CI has said so much; what it has said in the end is looked at by `saidInTheEnd`. */
  says(pushed: PushedPatchset, comments: number): Promise<ChangeView> {
    this.#said.set(pushed, comments);
    return until(
      () => lookAt(this.world, pushed),
      (view) => view.comments.length >= comments,
      patience,
    );
  }

  saidInTheEnd(): Promise<readonly { change: number; comments: number; shouldBe: number }[]> {
    return Promise.all(
      [...this.#said].map(async ([pushed, shouldBe]) => {
        const { comments } = await lookAt(this.world, pushed);
        return { change: pushed.change, comments: comments.length, shouldBe };
      }),
    );
  }

  /** Until its report is held back. */
  async waits(pushed: PushedPatchset): Promise<void> {
    await reportOn(this.world, pushed, ({ state }) => state === 'held');
    this.waiting.push(pushed);
  }

  /** Until its job is at work on the test server. */
  async runs(pushed: PushedPatchset): Promise<void> {
    await until(
      () => this.buildsOf(pushed),
      (builds) => builds.some((id) => this.world.recorder.starts.has(id)),
    );
  }

  /** Ids. */
  async buildsOf(pushed: PushedPatchset): Promise<readonly string[]> {
    const { rows } = await this.world.database.pool.query<{ id: string }>(
      `select b.id from builds b join buildsets s on s.id = b.buildset where s.project = $1 and s.change_number = $2`,
      [pushed.project, pushed.change],
    );
    return rows.map(({ id }) => id);
  }

  /** Until so many messages have told of a storm; never more. */
  async tellsOperator(messages: number): Promise<void> {
    const told = async () => this.#receiver.posts.filter(({ body }) => body.includes('"reports-stopped"')).length;
    const count = await until(told, (found) => found >= messages);
    if (count > messages) throw new Error(`the operator was told ${count} times`);
  }
}
