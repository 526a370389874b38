import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPlainStatus, plainBuild, plainOverview, plainPatchset } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';
import { rawGet, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';

let status: PlainStatus;
let served: Served;
beforeEach(async () => {
  status = createPlainStatus(plainOverview({}), []);
  served = await serve(status);
});
afterEach(() => served.stop());

const text = async (path: string) => String((await rawGet(served.url, path)).body);

test('the pages show a build of a branch without a change: no owner, no comment, no way to Gerrit', async () => {
  const { branch, connection, project, revision } = plainPatchset;
  const tip = plainBuild({
    id: '1'.repeat(8),
    tested: { connection, project, branch, revision, ref: `refs/heads/${branch}` },
    state: 'done',
    result: 'FAILURE',
  });
  status.details.set(tip.id, tip);

  const body = await text(`/build/${tip.id}`);

  expect(body).toContain(`master at ${revision.slice(0, 7)}`);
  expect(body).toContain('Nothing is posted about a branch.');
  expect(body).not.toMatch(/Owner|Open in Gerrit|undefined|null|NaN/);
  expect(await text('/builds')).toContain('Branch master');
});
