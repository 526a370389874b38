import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEvents, serve } from '../../test/web/serve.ts';
import type { Served } from '../../test/web/serve.ts';
import { createPlainStatus, plainBuild, plainEvidence, plainOverview } from '../../test/web/status-fixture.ts';
import type { PlainStatus } from '../../test/web/status-fixture.ts';
import type { BuildDetail } from '../ports/status.ts';

const id = '0a1b2c3d-1111-4222-8333-444455556666';
const done = plainBuild({ id, state: 'done', result: 'SUCCESS', backend: 'zvm-a', prefix: 'ZAB' });
const at = '2026-11-22T10:11:12.000Z';

let status: PlainStatus;
let served: Served;

beforeEach(async () => {
  status = createPlainStatus(plainOverview(), [done]);
  served = await serve(status);
});

afterEach(() => served.stop());

/** The panel as text; markup between words is one space. */
async function panel(build: BuildDetail): Promise<string> {
  status.details.set(id, build);
  const body = await (await fetch(`${served.url}/build/${id}`)).text();
  const [, evidence = ''] = /sse-swap="evidence">(.*?)<\/section>/s.exec(body) ?? [];
  return evidence.replaceAll(/<a [^>]*href="([^"]*)"[^>]*>/g, ' $1 ').replaceAll(/(<[^>]*>|\s)+/g, ' ');
}

describe('the evidence on a build’s page', () => {
  test('counts guests, and links all calls', async () => {
    const evidence = plainEvidence({ calls: 218, created: 4, deployed: 3, started: 2, deleted: 1 });

    const text = await panel({ ...done, evidence });

    expect(text).toContain('Guests created 4 Deployed 3 Started 2 Deleted 1');
    expect(text).toContain(`/logs/${done.logPath}feilong-calls.txt All 218 calls to Feilong`);
    expect(text).not.toMatch(/never started|refused|error/);
  });

  test('warns of guests that were deployed and never started', async () => {
    const evidence = plainEvidence({ deployed: 30, started: 8, neverStarted: ['ZAB00001', 'ZAB00007'] });

    const text = await panel({ ...done, evidence });

    expect(text).toContain('22 guests were deployed and never started.');
    expect(text).toContain('Nova may have called servers ACTIVE whose guest never ran');
    expect(text).toContain('ZAB00001 ZAB00007 and 20 more');
  });

  test('says how many were never started also when others were started without a deploy', async () => {
    const evidence = plainEvidence({
      deployed: 30,
      started: 30,
      neverStarted: ['ZAB00001', 'ZAB00007'],
      unstarted: 25,
    });

    const text = await panel({ ...done, evidence });

    expect(text).toContain('25 guests were deployed and never started.');
    expect(text).toContain('ZAB00001 ZAB00007 and 23 more');
  });

  test('does not call what was started twice something that was never started', async () => {
    const text = await panel({ ...done, evidence: plainEvidence({ deployed: 1, started: 2 }) });

    expect(text).not.toContain('never started');
  });

  test('lists refusals and errors with the tests that ran then, and says how many are not listed', async () => {
    const tests = ['a.B.test_boot[id-1]', 'a.B.test_b', 'a.B.test_c', 'a.B.test_d', 'a.B.test_e', 'a.B.test_f'];
    const evidence = plainEvidence({
      refusals: [{ at, call: 'DELETE /guests/ZBC00001', text: 'ZBC00001 is not of this worker.', tests: [] }],
      refused: 1,
      errors: [{ at, call: 'POST /guests', text: 'overallRC 8: <out of disk>', tests }],
      failed: 27,
      outage: 'GET /guests: no answer',
    });

    const text = await panel({ ...done, evidence });

    expect(text).toContain(
      '1 call refused by the guard DELETE /guests/ZBC00001 10:11:12 ZBC00001 is not of this worker.',
    );
    expect(text).toContain('27 errors from Feilong POST /guests 10:11:12 overallRC 8: &lt;out of disk&gt;');
    expect(text).toContain('While test_boot , test_b , test_c , test_d and 2 more ran');
    expect(text).toContain('26 more are among all calls.');
    expect(text).toContain('Feilong was out of order meanwhile. GET /guests: no answer');
  });

  test('keeps text of workers text', async () => {
    const evil = '<img src=x onerror="alert(1)">\u001b[31m\u202e';
    const call = { at: evil, call: evil, text: evil, tests: [evil] };
    const lists = { neverStarted: [evil], refusals: [call], errors: [call], outage: evil };
    status.details.set(id, { ...done, evidence: plainEvidence({ ...lists, refused: 1, failed: 1 }) });

    const body = await (await fetch(`${served.url}/build/${id}`)).text();

    expect(body).toContain('&lt;img src=x');
    for (const sign of ['<img', 'onerror="', '\u202e', '\u001b']) expect(body).not.toContain(sign);
  });

  test.each([
    ['runs', { state: 'running' }, 'when the build ends'],
    ['ended without any', {}, 'No call through a guard is known of it.'],
    ['had no back end', { backend: undefined }, 'It used no back end.'],
  ] as const)('says why there is none for a build that %s', async (_, own, words) => {
    expect(await panel({ ...done, ...own, evidence: undefined })).toContain(words);
  });

  test('appears when the build ends', async () => {
    status.details.set(id, { ...done, state: 'running' });
    const events = await openEvents(`${served.url}/live/build/${id}`);
    await events.until((seen) => seen.includes('event: evidence'));

    status.details.set(id, { ...done, evidence: plainEvidence({ created: 7 }) });
    status.changed();
    const seen = await events.until((more) => /event: evidence[^]*\n\n/.test(more));

    events.close();
    expect(seen).toMatch(/<dd class="num">7<\/dd>/);
  });

  test('is among what the API tells of a build', async () => {
    status.details.set(id, { ...done, evidence: plainEvidence({ started: 5 }) });

    const answer = (await (await fetch(`${served.url}/api/builds/${id}`)).json()) as BuildDetail;

    expect(answer.evidence?.started).toBe(5);
  });
});
