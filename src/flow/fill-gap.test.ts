import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareTriggerFlow, readRecorded, replay, startReplayServer } from '../../test/flow/trigger-flow.ts';
import type { ReplayServer, TriggerFlow } from '../../test/flow/trigger-flow.ts';
import type { ProjectSettings } from '../domain/settings.ts';
import { fillGap } from './fill-gap.ts';

const project = { connection: 'review', project: 'openstack/nova' } as ProjectSettings;

let gerrit: ReplayServer;
let ci: TriggerFlow;

beforeEach(async () => {
  gerrit = await startReplayServer((request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/a/changes/?q=')) return replay(response, readRecorded('rest-recover-changes'));
    if (path.endsWith('~1/comments')) return replay(response, readRecorded('rest-change-comments'));
    if (path.includes('~1?o=ALL_REVISIONS')) return replay(response, readRecorded('rest-change-all-revisions'));
    replay(response, { status: 404, body: 'Not found\n' });
  });
  ci = await prepareTriggerFlow({ projects: [project] }, gerrit.url);
});
afterEach(async () => {
  await ci.drop();
  await gerrit[Symbol.asyncDispose]();
});

function look(): Promise<void> {
  // Long before the recorded changes.
  return fillGap(ci.flow, ci.flow.reviews.get('review')!.review, Date.UTC(2026, 0, 1));
}

async function journaled(): Promise<readonly string[]> {
  return (await ci.rows.store.undecidedEvents(1000)).map(({ key }) => key);
}

describe('a gap', () => {
  test('is read again and again, journals everything once, and asks for the comments of a change once', async () => {
    await look();
    const [first, keys] = [[...gerrit.requests], await journaled()];
    await look();
    const again = gerrit.requests.slice(first.length);

    expect(keys).toContain('message:openstack/nova~1/45a6fd679b7179e2bf5206cae3d934333a068518');
    expect(first.filter((request) => request.endsWith('/comments'))).not.toEqual([]);
    expect(again.filter((request) => !request.includes('/changes/?q='))).toEqual([]);
    expect(await journaled()).toEqual(keys);
  });
});
