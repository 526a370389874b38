import { expect, it } from 'vitest';
import { openAncestors } from '../../domain/dependencies.ts';
import { createGerritReview } from './create-gerrit-review.ts';
import { accessTo, readRecorded } from './testing/recorded.ts';
import { replay, startReplayServer } from './testing/replay-server.ts';
import type { ReplayServer } from './testing/replay-server.ts';

const chain2 = '8cec9e17812f7c19d48055db7b760eb8bd3decd0';
const target = { project: 'openstack/nova', change: 5, patchset: 2, revision: chain2 };

function startRecordedGerrit(): Promise<ReplayServer> {
  return startReplayServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    if (path === `/a/changes/openstack/nova~5/revisions/${chain2}/related`)
      return replay(response, readRecorded('rest-related'));
    if (path.endsWith('/related')) return replay(response, readRecorded('rest-related-b'));
    if (path.endsWith('/commit')) return replay(response, readRecorded('rest-commit'));
    if (path.startsWith('/a/changes/?q=change:I060e2c')) {
      return replay(response, readRecorded('rest-depends-on-by-changeid'));
    }
    if (path.startsWith('/a/changes/1?')) return replay(response, readRecorded('rest-change-all-revisions'));
    replay(response, { status: 404, body: 'Not found\n' });
  });
}

it('reads a relation chain, of which one change is below', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));

  const chain = await gerrit.relatedChanges(target);

  expect(chain.map(({ number, patchset }) => `${number},${patchset}`)).toEqual(['6,2', '5,2', '4,1']);
  expect(openAncestors(chain2, chain)).toEqual([
    {
      number: 4,
      patchset: 1,
      revision: 'e5c315e85295fb59be25086d94e3fd414c0e405d',
      parents: ['aca7fb281a314677d24b4dd8238e52fec8f61773'],
      isMerged: false,
      isOutdated: false,
    },
  ]);
});

it('knows that a change alone has no relation chain', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));

  expect(await gerrit.relatedChanges({ ...target, change: 10 })).toEqual([]);
});

it('reads a commit message', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));

  expect(await gerrit.commitMessage(target)).toMatch(/^Feature A\n\nChange-Id: I060e2c/);
});

it('finds changes by number and by Change-Id, and none where there is none', async () => {
  await using server = await startRecordedGerrit();
  const gerrit = createGerritReview(accessTo({ url: server.url }));

  const [byNumber] = await gerrit.findChanges({ number: 1 });
  const byId = await gerrit.findChanges({ changeId: 'I060e2c001d90e306d02b04727a5675591346ddd1' });

  expect(byNumber).toMatchObject({ status: 'open', isPrivate: false, patchset: { number: 1, patchset: 4 } });
  expect(byNumber?.message).toContain('Depends-On: https://review.opendev.org/c/openstack/nova/+/123456');
  expect(byId.map(({ patchset }) => `${patchset.project} ${patchset.number}`)).toEqual(['openstack/nova 9']);
  expect(await gerrit.findChanges({ number: 99 })).toEqual([]);
});

it('throws what Gerrit’s failures are', async () => {
  await using server = await startReplayServer((_, response) => replay(response, { status: 503, body: 'busy' }));
  const gerrit = createGerritReview(accessTo({ url: server.url }));

  await expect(gerrit.findChanges({ number: 1 })).rejects.toMatchObject({ code: 'gerrit-busy' });
  await expect(gerrit.relatedChanges(target)).rejects.toMatchObject({ code: 'gerrit-busy' });
  await expect(gerrit.commitMessage(target)).rejects.toMatchObject({ code: 'gerrit-busy' });
});
