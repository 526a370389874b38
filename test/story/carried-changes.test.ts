import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actAs, changeOf, commentAs } from '../../lab/gerrit/review-as.ts';
import { pushChange } from '../../lab/gerrit/push-change.ts';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import type { BuildDetail, BuildRow, Overview } from '../../src/ports/status.ts';
import { configure } from './world/faults.ts';
import { commented, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

describe('a change that a job carries', () => {
  let world: World;
  let url: string;
  let fix: PushedPatchset;

  beforeAll(async () => {
    world = await startWorld({ configuration: { change_sweep: { limit: 0 } } });
    fix = await push({ 'fix.txt': 'carried\n' });
    const carry = [{ change: `${world.gerrit.url}/c/openstack/nova/+/${fix.change}`, reason: 'bug 1' }];
    await configure(world, (configuration) => {
      for (const job of configuration.jobs) Object.assign(job, { carry });
    });
    url = (await world.startSidegate()).ready.url;
  });
  afterAll(() => world?.stop());

  const push = (files: Readonly<Record<string, string>>) =>
    pushChange({
      url: world.gerrit.url,
      username: 'dev',
      password: world.gerrit.accounts.dev.password,
      project: 'openstack/nova',
      subject: 'A change with a story',
      files,
    });
  const ask = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
  const text = async ({ logPath }: BuildRow, name: string) => (await fetch(`${url}/logs/${logPath}${name}`)).text();
  const buildOf = async ({ change }: PushedPatchset) =>
    (await ask<readonly BuildRow[]>(`/api/builds?change=${change}`))[0]!;
  const notices = async (code: string) =>
    (await ask<Overview>('/api/status')).notices.filter((notice) => notice.code === code);

  test('is tested on top of each change, and page, build.json, console and API name its commit', async () => {
    const pushed = await world.push({});

    const { verified } = await commented(world, pushed);

    const build = await buildOf(pushed);
    const { dependencies } = await ask<BuildDetail>(`/api/builds/${build.id}`);
    const carried = { change: fix.change, patchset: 1, revision: fix.revision, reason: 'bug 1' };
    expect(verified).toBe(1);
    expect(await text(build, 'job-output.txt')).toMatch(
      new RegExp(`Merged ${pushed.ref}, [^]*Merged ${fix.ref}, commit ${fix.revision}`),
    );
    expect(JSON.parse(await text(build, 'build.json'))).toMatchObject({ carried: [carried], notCarried: [] });
    expect(JSON.parse(await text(build, 'proof.json'))).toMatchObject({
      commits: [
        { role: 'tested', commit: pushed.revision, places: [{ folder: 'source', state: 'contained' }] },
        { role: 'carried', commit: fix.revision, places: [{ folder: 'source', state: 'contained' }] },
      ],
      guests: { created: 0 },
    });
    expect(dependencies?.carried).toMatchObject([{ job: 'story', changes: [{ number: fix.change, reason: 'bug 1' }] }]);
    expect(await (await fetch(`${url}/build/${build.id}`)).text()).toMatch(
      new RegExp(`openstack/nova ${fix.change},1</a[^]*carried: bug 1`),
    );
  });

  test('is not blamed on the change it does not merge with: no vote, one attempt, and the operator is told', async () => {
    const pushed = await push({ 'story.json': '{}', 'fix.txt': 'something else\n' });

    const { comments, verified } = await commented(world, pushed);

    const build = await buildOf(pushed);
    const [notice] = await notices('carry-conflict');
    expect(build).toMatchObject({ result: 'NODE_FAILURE', attempt: 1, cause: { kind: 'service' } });
    expect(build.reason).toContain(`What the job carries (openstack/nova ${fix.change},1) does not merge`);
    expect(await text(build, 'job-output.txt')).toContain(`CARRIED CHANGE: ${fix.ref}, commit ${fix.revision}`);
    expect([verified, comments[0]?.message]).toEqual([0, expect.stringContaining('NODE_FAILURE')]);
    expect(notice).toMatchObject({ todo: expect.stringContaining('`carry`') as string });
  });

  test('is dropped when it is merged, which the operator is told once', async () => {
    await commentAs(world.gerrit, 'admin', fix, { labels: { 'Code-Review': 2 } });
    await actAs(world.gerrit, 'admin', `${changeOf(fix)}/submit`, {});
    const [first, second] = [await world.push({}), await world.push({})];

    await commented(world, first);
    await commented(world, second);

    const build = await buildOf(second);
    const info = JSON.parse(await text(build, 'build.json')) as object;
    expect(build).toMatchObject({ result: 'SUCCESS' });
    expect(info).toMatchObject({ carried: [], notCarried: [`Carried change ${fix.change} on review is merged.`] });
    const told = await until(
      () => notices('carry-over'),
      (found) => found.length > 0,
    );
    expect(told).toEqual([
      expect.objectContaining({ text: expect.stringContaining('remove it from the job story') as string }),
    ]);
    expect(await notices('carry-conflict')).toEqual([]);
  });
});
