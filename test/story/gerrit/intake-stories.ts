import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addBranch } from '../../../lab/gerrit/add-branch.ts';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import { commentAs } from '../../../lab/gerrit/review-as.ts';
import { startBadNetwork } from '../world/bad-network.ts';
import type { BadNetwork } from '../world/bad-network.ts';
import type { GerritUnderTest } from '../world/gerrit-under-test.ts';
import { until } from '../world/look.ts';
import { openStage, project } from './stage.ts';
import type { Stage } from './stage.ts';

/** Gerrit's comment limit is 16,384 characters. */
const large = 'x'.repeat(16_000);
/** What SSH's window and Gerrit's queue of 128 events hold is some 250 of these. */
const comments = 340;
const writers = 8;

/** The network between sidegate and Gerrit's event stream goes wrong; the same on every Gerrit. */
export function intakeStories(name: string, start: () => Promise<GerritUnderTest>): void {
  describe(`the event stream of ${name}`, () => {
    let gerrit: GerritUnderTest | undefined;

    beforeAll(async () => {
      gerrit = await start();
    });
    afterAll(() => gerrit?.stop());

    describe('with a network that loses packets', () => {
      const branch = 'lossy';
      const on = stageBehind(() => gerrit as GerritUnderTest, { branch, keepalive: '1s' });

      test('sidegate notices by itself, and hears what it missed', async () => {
        const { network, stage } = on();
        const { push, says, status } = stage;
        const known = await push({}, { branch });
        await says(known, { comments: [1], verified: 1 });

        network.drop();
        await recheck(stage, known);
        const missed = await push({}, { branch });
        const noticed = await until(status, ({ connections }) => connections[0]?.state !== 'connected');
        network.mend();

        await Promise.all([
          says(known, { comments: [1, 1], verified: 1 }),
          says(missed, { comments: [1], verified: 1 }),
          until(status, ({ connections }) => connections[0]?.state === 'connected', 120_000),
        ]);
        expect(noticed.connections[0]?.detail).toContain('Keepalive timeout');
        expect(await sourcesOf(stage, missed)).toEqual(['backfill']);
      });
    });

    describe('that is not read', () => {
      const branch = 'unread';
      // A connection that is asked more often whether it lives would be taken for dead.
      const on = stageBehind(() => gerrit as GerritUnderTest, { branch, keepalive: '10m' });

      test('drops events: they are looked for', async () => {
        const { network, stage } = on();
        const { push, says, status } = stage;
        const known = await push({}, { branch });
        await says(known, { comments: [1], verified: 1 });
        const others = await Promise.all(
          Array.from({ length: writers }, () => push({}, { project: 'openstack/nova-zvm' })),
        );

        network.stall();
        await Promise.all(others.map((pushed) => commentALot(stage, pushed)));
        await recheck(stage, known);
        const missed = await push({}, { branch });
        network.flow();

        await Promise.all([
          says(known, { comments: [1, 1], verified: 1 }),
          says(missed, { comments: [1], verified: 1 }),
        ]);
        expect(await logOf(stage)).toContain('Gerrit dropped events');
        expect(await sourcesOf(stage, missed)).toEqual(['backfill']);
        // It was never away: nothing but Gerrit's word told of the gap.
        expect((await status()).connections[0]?.state).toBe('connected');
        expect(await logOf(stage)).not.toContain('the event stream ended');
      });
    });
  });
}

interface Placed {
  readonly network: BadNetwork;
  readonly stage: Stage;
}

/** Only SSH goes through the network. */
function stageBehind(
  gerrit: () => GerritUnderTest,
  { branch, keepalive }: { readonly branch: string; readonly keepalive: string },
): () => Placed {
  let network: BadNetwork | undefined;
  let stage: Stage | undefined;
  beforeAll(async () => {
    await addBranch(gerrit(), project, branch);
    network = await startBadNetwork(gerrit().sshPort);
    const projects = [{ gerrit: 'review', project, branches: [branch], pipelines: { check: ['story'] } }];
    stage = await openStage({ ...gerrit(), sshPort: network.port }, { keepalive, configuration: { projects } });
  });
  afterAll(async () => {
    await stage?.close();
    await network?.close();
  });
  return () => ({ network: network!, stage: stage! });
}

/** As the browser does it: REST has the text apart from the message. */
function recheck({ gerrit }: Stage, pushed: PushedPatchset): Promise<void> {
  return commentAs(gerrit, 'dev', pushed, { comments: { '/PATCHSET_LEVEL': [{ message: 'recheck' }] } });
}

async function commentALot({ gerrit }: Stage, pushed: PushedPatchset): Promise<void> {
  for (let n = 0; n < comments / writers; n += 1) await commentAs(gerrit, 'dev', pushed, { message: `${n} ${large}` });
}

async function sourcesOf({ world }: Stage, { change }: PushedPatchset): Promise<readonly string[]> {
  const { rows } = await world.database.pool.query<{ source: string }>(
    `select source from events where change_number = $1 and type = 'patchset-created'`,
    [change],
  );
  return rows.map(({ source }) => source);
}

function logOf({ world }: Stage): Promise<string> {
  return readFile(join(world.directory, 'sidegate-1.log'), 'utf8');
}
