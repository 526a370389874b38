import { expect, test } from 'vitest';
import type { GuardCall } from './call.ts';
import { EvidenceCollector, countNeverStarted, neverStartedText } from './evidence.ts';

const at = '2026-11-27T01:02:03.004Z';

function call(route: string, more: Partial<GuardCall> = {}): GuardCall {
  const [method = '', path = ''] = route.split(' ');
  return { at, ms: 1, method, path, status: 200, overallRC: 0, ...more };
}

const create = (userid: string, more = {}) => call('POST /guests', { userid, ...more });
const act = (userid: string, action: string, more = {}) =>
  call(`POST /guests/${userid}/action`, { userid, action, ...more });
const remove = (userid: string) => call(`DELETE /guests/${userid}`, { userid });

function evidenceOf(...calls: readonly GuardCall[]) {
  const collector = new EvidenceCollector();
  for (const one of calls) collector.add(one);
  return collector.evidence();
}

test('counts what happened to guests, each once however often it was asked', () => {
  const evidence = evidenceOf(
    call('GET /guests'),
    create('ZA000001'),
    act('ZA000001', 'deploy'),
    act('ZA000001', 'start'),
    act('ZA000001', 'softstop'),
    act('ZA000001', 'start'),
    create('ZA000002'),
    remove('ZA000001'),
    remove('ZA000001'),
    remove('ZA00000F'),
  );

  expect(evidence).toMatchObject({ calls: 10, created: 2, deployed: 1, started: 1, deleted: 1, neverStarted: [] });
});

test('names guests that were deployed and never started, those that are gone too', () => {
  const evidence = evidenceOf(
    ...['ZA000003', 'ZA000002', 'ZA000001'].flatMap((userid) => [create(userid), act(userid, 'deploy')]),
    act('ZA000002', 'start'),
    remove('ZA000003'),
    create('ZA000004'),
    act('ZA000004', 'deploy', { status: 500, overallRC: 8 }),
  );

  expect(evidence.neverStarted).toEqual(['ZA000001', 'ZA000003']);
});

test('says how many guests were never started where not all are named, those that are gone too', () => {
  const userids = Array.from({ length: 50 }, (_, number) => `ZA0000${(number + 16).toString(16).toUpperCase()}`);
  const evidence = evidenceOf(
    ...userids.flatMap((userid) => [create(userid), act(userid, 'deploy')]),
    ...userids.slice(0, 30).map(remove),
    act('ZA00003A', 'start'),
    act('ZA0000FF', 'start'),
  );

  expect([evidence.neverStarted.length, evidence.unstarted]).toEqual([20, 49]);
  expect(neverStartedText(evidence)).toMatch(/^ZA000010, .*ZA000023 and 29 more$/);
});

test('names all that were never started where they are few, and none where there is none', () => {
  const one = evidenceOf(create('ZA000001'), act('ZA000001', 'deploy'));

  expect(neverStartedText(one)).toBe('ZA000001');
  expect(neverStartedText(evidenceOf(create('ZA000001')))).toBeUndefined();
});

test('that was written down without the number has at least those it names, or the difference', () => {
  const { unstarted, ...before } = evidenceOf(create('ZA000001'), act('ZA000001', 'deploy'));

  const counts = [before, { ...before, deployed: 30, started: 8 }].map(countNeverStarted);

  expect([unstarted, ...counts]).toEqual([1, 1, 22]);
});

test('tells refusals and errors of Feilong with their calls; to ask for what is not there is neither', () => {
  const refused = 'MAINT does not begin with ZA0.';
  const evidence = evidenceOf(
    call('DELETE /guests/MAINT', { status: 403, overallRC: 403, refused, errmsg: refused }),
    act('ZA000001', 'reset', { status: 500, overallRC: 300, errmsg: 'cannot use a string pattern' }),
    call('GET /images?imagename=x', { status: 404, overallRC: 404, errmsg: 'does not exist' }),
  );

  expect(evidence).toMatchObject({
    refused: 1,
    refusals: [{ at, call: 'DELETE /guests/MAINT', text: refused }],
    failed: 1,
    errors: [{ at, call: 'POST /guests/ZA000001/action reset', text: 'cannot use a string pattern' }],
    outage: undefined,
  });
});

test('HTTP 200 with overallRC is an error, and the first outage is told', () => {
  const down = { overallRC: 101, errmsg: 'Failed to connect SDK server', outage: true };

  const evidence = evidenceOf(create('ZA000001', down), call('GET /guests', { ...down, errmsg: 'later' }));

  expect(evidence).toMatchObject({
    created: 0,
    failed: 2,
    outage: `POST /guests at ${at}: Failed to connect SDK server`,
  });
});

test('keeps little of a build that makes hundreds of thousands of calls', () => {
  const collector = new EvidenceCollector();
  for (let number = 0; number < 100_000; number += 1) {
    const userid = `ZA0${number.toString(16).toUpperCase().padStart(5, '0')}`;
    for (const one of [create(userid), act(userid, 'deploy')]) collector.add(one);
    collector.add(call('DELETE /guests/MAINT', { status: 403, refused: 'no' }));
  }

  const evidence = collector.evidence();

  expect(evidence).toMatchObject({ calls: 300_000, created: 100_000, refused: 100_000 });
  expect(JSON.stringify(evidence).length).toBeLessThan(10_000);
});
