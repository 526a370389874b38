import { expect, test } from 'vitest';
import { rawGet, serve } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainOverview } from '../../test/web/status-fixture.ts';
import type { BuildDetail } from '../ports/status.ts';

test('the page of a build whose logs expired says when and why', async () => {
  const gone = plainBuild({
    id: '1a1b2c3d-1111-4222-8333-444455556666',
    state: 'done',
    result: 'SUCCESS',
    logsExpired: { at: '2026-11-22T10:00:00.000Z', why: 'disk' },
  });
  await using other = await serveWith(gone);

  const page = String((await rawGet(other.url, `/build/${gone.id}`)).body);

  expect(page).toMatch(/Logs expired on\s*<time[^>]*>[^<]*2026-11-22[^<]*<\/time>. The disk was full\./);
  expect(page).not.toContain('Whole file');
});

async function serveWith(detail: BuildDetail) {
  const own = await serve(createPlainStatus(plainOverview(), [detail]));
  return { url: own.url, [Symbol.asyncDispose]: () => own.stop() };
}
