import { pushChange } from '../../../lab/gerrit/push-change.ts';
import type { NewPatchset, PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import type { BuildRow, Overview } from '../../../src/ports/status.ts';
import type { GerritUnderTest } from '../world/gerrit-under-test.ts';
import { commented, lookAt, until } from '../world/look.ts';
import type { ChangeView } from '../world/look.ts';
import { startWorld } from '../world/world.ts';
import type { Story, World, WorldOptions } from '../world/world.ts';

/** What the CI has said about a change when everything is over. */
export interface Said {
  /** Patchset of each comment, oldest first. */
  readonly comments: readonly number[];
  readonly verified: number;
}

/** One Gerrit, one sidegate on it, and what the stories so far left there. */
export interface Stage {
  readonly gerrit: GerritUnderTest;
  readonly world: World;
  /** `GET /api/status`. */
  readonly status: () => Promise<Overview>;
  /** `GET /api/builds` of one change, newest first. */
  readonly builds: (pushed: PushedPatchset) => Promise<readonly BuildRow[]>;
  /** As `builds`, of a project. */
  readonly buildsOf: (project: string) => Promise<readonly BuildRow[]>;
  /** A file of a build's log folder. */
  readonly log: (build: BuildRow, name: string) => Promise<string>;
  /** As `World.push`, to any project. */
  readonly push: (story: Story, to?: PushOptions) => Promise<PushedPatchset>;
  /** Waits until the CI has said that much and no more; it is looked at again when all stories are over. */
  readonly says: (pushed: PushedPatchset, said: Said) => Promise<ChangeView>;
  /** Everything that `says` heard, as it is now and as it should be. */
  readonly saidInTheEnd: () => Promise<
    readonly { readonly change: number; readonly is: Said; readonly shouldBe: Said }[]
  >;
  readonly close: () => Promise<void>;
}

/** `files`: instead of the file with the story. */
type PushOptions = Partial<
  Pick<NewPatchset, 'project' | 'branch' | 'subject' | 'files' | 'changeId' | 'option' | 'body' | 'onTopOf'>
>;

export const project = 'openstack/nova';
const patience = 120_000;

export async function openStage(gerrit: GerritUnderTest, options: WorldOptions = {}): Promise<Stage> {
  const world = await startWorld({ slots: 4, ...options, gerrit });
  try {
    return stageOf(world, (await world.startSidegate()).ready.url);
  } catch (error) {
    await world.stop();
    throw error;
  }
}

function stageOf(world: World, url: string): Stage {
  const { gerrit } = world;
  const account = gerrit.accounts['zvm-ci'].username;
  const ledger = new Map<number, { readonly pushed: PushedPatchset; readonly said: Said }>();
  const ask = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
  return {
    gerrit,
    world,
    status: () => ask<Overview>('/api/status'),
    log: async ({ logPath }, name) => (await fetch(`${url}/logs/${logPath}${name}`)).text(),
    buildsOf: (of) => ask<readonly BuildRow[]>(`/api/builds?project=${encodeURIComponent(of)}`),
    builds: ({ change }) => ask<readonly BuildRow[]>(`/api/builds?change=${change}`),
    push: (story, { project: to = project, files, subject = 'A change with a story', ...more } = {}) =>
      pushChange({
        url: gerrit.url,
        username: 'dev',
        password: gerrit.accounts.dev.password,
        project: to,
        subject,
        files: files ?? { 'story.json': JSON.stringify({ ...story, salt: Math.random() }) },
        ...more,
      }),
    says: async (pushed, said) => {
      ledger.set(pushed.change, { pushed, said });
      const view = await commented(world, pushed, said.comments.length, patience);
      if (!isSaid(view, said)) throw new Error(`change ${pushed.change}: ${JSON.stringify({ view, shouldBe: said })}`);
      return view;
    },
    saidInTheEnd: () =>
      Promise.all(
        [...ledger].map(async ([change, { pushed, said }]) => ({
          change,
          is: toSaid(
            await until(
              () => lookAt(world, pushed, account),
              () => true,
            ),
          ),
          shouldBe: said,
        })),
      ),
    close: () => world.stop(),
  };
}

function isSaid(view: ChangeView, said: Said): boolean {
  return JSON.stringify(toSaid(view)) === JSON.stringify({ comments: said.comments, verified: said.verified });
}

function toSaid({ comments, verified }: ChangeView): Said {
  return { comments: comments.map(({ patchset }) => patchset), verified };
}
