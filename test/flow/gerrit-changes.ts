import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Checkout, startKit } from '../../simulators/gerrit/testing/kit.ts';
import type { Kit } from '../../simulators/gerrit/testing/kit.ts';
import { createGerritReview } from '../../src/adapters/gerrit/create-gerrit-review.ts';
import { accessTo } from '../../src/adapters/gerrit/testing/recorded.ts';
import type { Patchset } from '../../src/domain/patchset.ts';
import type { CodeReview } from '../../src/ports/code-review.ts';

export interface ChangeWish {
  readonly project?: string;
  /** Paragraphs of the message behind the title. */
  readonly footers?: readonly string[];
  /** The change it is based on; without, the branch. */
  readonly on?: Patchset | undefined;
  /** The same title gives the same change: a new patchset. */
  readonly title: string;
  readonly options?: string;
  /** What the commit writes. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A simulated Gerrit that changes with footers and parents are pushed to, with real git. */
export interface GerritChanges {
  readonly kit: Kit;
  readonly review: CodeReview;
  push(wish: ChangeWish): Promise<Patchset>;
  /** `abandon` or `restore`. */
  act(patchset: Patchset, action: string): Promise<void>;
  merge(patchset: Patchset): Promise<void>;
  stop(): Promise<void>;
}

const gerritProjects = ['openstack/nova', 'openstack/neutron', 'openstack/os-vif'] as const;

export async function startGerritChanges(name = 'review'): Promise<GerritChanges> {
  const kit = await startKit({ projects: gerritProjects.map((project) => ({ name: project, branches: ['master'] })) });
  const review = createGerritReview(accessTo({ name, url: kit.url }));
  // Who sees private changes too.
  const all = createGerritReview(accessTo({ name, url: kit.url, username: 'admin', password: 'secret' }));
  const checkouts = new Map<string, Checkout>();
  let pushes = 1_700_000_000;
  const checkoutOf = async (project: string) => {
    const known = checkouts.get(project);
    if (known) return known;
    const checkout = await Checkout.clone(kit.url, project, join(kit.directory, project.replace('/', '-')));
    checkouts.set(project, checkout);
    return checkout;
  };
  const post = async (user: string, path: string, body: object = {}) => {
    const { status, text } = await kit.post(user, path, body);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  };
  return {
    kit,
    review,
    push: async ({ project = 'openstack/nova', footers = [], on, title, options = '', files = {} }) => {
      const checkout = await checkoutOf(project);
      await checkout.git('fetch', '--quiet', 'origin', on?.ref ?? 'refs/heads/master');
      await checkout.git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
      for (const [path, content] of Object.entries(files)) await writeFile(join(checkout.path, path), content);
      await checkout.git('add', '--all');
      const last = [...footers, `Change-Id: ${changeIdOf(title)}`].join('\n');
      // Else the same title again within a second is the same commit, and no new patchset.
      const date = `--date=@${(pushes += 1)} +0000`;
      await checkout.git('commit', '--quiet', '--allow-empty', date, '--message', `${title}\n\n${last}`);
      const told = await checkout.push(`refs/for/master${options}`);
      const number = Number(/\/\+\/(\d+) /.exec(told)?.[1]);
      return (await all.findPatchset(number, undefined)).patchset;
    },
    act: ({ number }, action) => post('admin', `/a/changes/${number}/${action}`),
    merge: async ({ number }) => {
      await post('admin', `/a/changes/${number}/revisions/current/review`, { labels: { 'Code-Review': 2 } });
      await post('zuul', `/a/changes/${number}/submit`);
    },
    stop: () => kit.stop(),
  };
}

export function changeIdOf(title: string): string {
  return `I${createHash('sha1').update(title).digest('hex')}`;
}
