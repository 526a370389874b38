import { afterEach, describe, expect, it } from 'vitest';
import { startZvmSimulator } from '../../../../simulators/zvm/server.ts';
import { bodies } from '../../../domain/guard/testing/calls.ts';
import { callAt, openGuarded } from './testing/guarded.ts';
import type { Guarded, GuardedOptions } from './testing/guarded.ts';
import { envelope, ok, startRecordingFeilong } from './testing/recording-feilong.ts';
import type { RecordedCall, RecordingFeilong, Reply } from './testing/recording-feilong.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function simulator(): Promise<string> {
  const started = await startZvmSimulator();
  closers.push(() => started.close());
  return started.url;
}

async function recorder(reply: (call: RecordedCall) => Reply | Promise<Reply>): Promise<RecordingFeilong> {
  const started = await startRecordingFeilong(reply);
  closers.push(() => started.close());
  return started;
}

async function guarded(options: GuardedOptions): Promise<Guarded> {
  const opened = await openGuarded(options);
  closers.push(() => opened.guard.close());
  return opened;
}

const deploy = { action: 'deploy', image: 'image-1', transportfiles: '/a/cfgdrive.iso', remotehost: 'root@127.0.0.1' };
const importing = { image: { ...bodies.import.image, remote_host: 'root@127.0.0.1' } };
const noImage: Reply = { status: 404, body: envelope(404, '', { rs: 1 }) };

function create(userid: string): object {
  return { guest: { ...bodies.create.guest, userid } };
}

describe('guests of others', () => {
  it('are neither seen nor touched', async () => {
    const feilong = await simulator();
    for (const userid of ['QA000001', 'ZA100001']) await callAt(feilong, 'POST /guests', create(userid));
    const { call } = await guarded({ url: feilong });
    await call('POST /guests', create('za000001'));

    const list = await call('GET /guests');
    const all = await call('GET /host/guests');
    const refused = [
      await call('DELETE /guests/QA000001'),
      await call('DELETE /guests/za100001'),
      await call('POST /guests/QA000001/action', { action: 'stop' }),
      await call('GET /guests/QA000001/info'),
      await call('POST /guests/MAINT/action', { action: 'register_vm', meta: 'os_version=rhel7.2', net_set: '1' }),
      await call('POST /guests', create('QA000002')),
    ].map(({ status }) => status);
    const { body } = await callAt(feilong, 'GET /guests');

    expect([list.body.output, all.body.output]).toEqual([['ZA000001'], ['ZA000001']]);
    expect(refused).toEqual([403, 403, 403, 403, 403, 403]);
    expect(body.output).toEqual(['QA000001', 'ZA100001', 'ZA000001']);
  });

  it('of this prefix are those of the worker, whatever the case', async () => {
    const { call } = await guarded({ url: await simulator() });
    const created = await call('POST /guests', create('za00000a'));

    const state = await call('GET /guests/Za00000A/power_state');
    const deleted = await call('DELETE /guests/zA00000a');

    expect([created.status, state.body.output, deleted.status]).toEqual([200, 'off', 200]);
  });

  it('a refusal is JSON of Feilong’s shape, which nova’s client takes', async () => {
    const { call, trace } = await guarded({ url: await simulator() });

    const answer = await call('DELETE /guests/QA000001');

    const errmsg = 'QA000001 does not begin with ZA0, or is no userid of a worker.';
    expect(answer).toEqual({
      status: 403,
      contentType: 'application/json',
      body: { overallRC: 403, modID: null, rc: 403, rs: 1, errmsg, output: '' },
    });
    expect(trace).toMatchObject([{ method: 'DELETE', path: '/guests/QA000001', status: 403, refused: errmsg }]);
  });

  it('nobody but the worker gets an answer', async () => {
    const feilong = await recorder(() => ok);
    const { call } = await guarded({ url: feilong.url, worker: '192.0.2.7' });

    const answer = await call('GET /guests');

    expect(answer).toMatchObject({ status: 403, body: { errmsg: 'This guard is not for 127.0.0.1.' } });
    expect(feilong.calls).toEqual([]);
  });
});

describe('a call that goes through', () => {
  it('is written anew: no header and no byte of the worker’s own', async () => {
    const feilong = await recorder(() => ok);
    const { guard } = await guarded({ url: feilong.url });

    await fetch(`${guard.url}/guests`, {
      method: 'POST',
      headers: { 'x-auth-token': 'stolen', 'x-forwarded-for': '10.0.0.1', 'content-type': 'text/plain' },
      body: `{ "guest" : {"userid":"MAINT","userid":"za00000\\u0031", "vcpus" : 1.0, "memory":"512" } } `,
    });

    expect(feilong.calls).toEqual([
      {
        method: 'POST',
        path: '/guests',
        text: '{"guest":{"userid":"ZA000001","vcpus":1,"memory":512}}',
        headers: {
          accept: 'application/json',
          'user-agent': 'sidegate-guard ZA0',
          'content-type': 'application/json',
          'content-length': '54',
          host: feilong.url.slice('http://'.length),
          connection: 'close',
        },
      },
    ]);
  });

  it('gets Feilong’s own bytes back, a failure in HTTP 200 too', async () => {
    const body = envelope(101, [], { errmsg: 'Failed to connect SDK server' });
    const feilong = await recorder(({ path }) => ({ status: path === '/host' ? 200 : 500, body }));
    const { call, trace } = await guarded({ url: feilong.url });

    const answers = [await call('GET /host'), await call('POST /guests', create('ZA000001'))];

    expect(answers.map(({ status }) => status)).toEqual([200, 500]);
    expect(answers.map((answer) => answer.body)).toEqual([body, body]);
    expect(trace.map(({ overallRC, outage }) => [overallRC, outage])).toEqual([
      [101, true],
      [101, true],
    ]);
  });

  it('gets JSON of Feilong’s shape when Feilong is away, and no word of where it is', async () => {
    const feilong = await recorder(() => ok);
    await feilong.close();
    const { call, trace } = await guarded({ url: feilong.url });

    const answer = await call('GET /host');

    expect(answer).toMatchObject({ status: 502, contentType: 'application/json' });
    expect(answer.body).toMatchObject({ overallRC: 502, errmsg: 'Feilong did not answer: ECONNREFUSED.' });
    expect(trace).toMatchObject([{ outage: true }]);
  });

  it.each<[string, Reply, number]>([
    [
      'a page of the server before it',
      { status: 500, body: '<h1>Oops</h1>', headers: { 'content-type': 'text/html' } },
      500,
    ],
    [
      'a page instead of JSON with HTTP 200',
      { status: 200, body: '<h1>Hi</h1>', headers: { 'content-type': 'text/html' } },
      502,
    ],
    ['empty JSON', { status: 200, body: {} }, 502],
    ['JSON that breaks off', { status: 200, body: '{"overallRC": 0' }, 502],
    ['a list', { status: 200, body: [] }, 502],
    ['more than 16 MiB', { status: 200, body: envelope(0, 'x'.repeat(17 * 1024 * 1024)) }, 502],
    ['a list of guests that is none', { status: 200, body: envelope(0, { ZA000001: 'on' }) }, 502],
  ])('never gets %s', async (_, reply, status) => {
    const feilong = await recorder(() => reply);
    const { call } = await guarded({ url: feilong.url });

    const answer = await call('GET /guests');

    expect(answer).toMatchObject({ status, contentType: 'application/json', body: { overallRC: status } });
  });
});

describe('images', () => {
  it('of others are not there: 404 as Feilong says it, so that nova imports its own', async () => {
    const feilong = await simulator();
    await callAt(feilong, 'POST /images', { image: { ...importing.image, image_name: 'others' } });
    const { call, trace } = await guarded({ url: feilong });

    const unknown = await call('GET /images?imagename=image-1');
    const imported = await call('POST /images', importing);
    const known = await call('GET /images?imagename=image-1');
    const list = await call('GET /images');
    const foreign = [
      await call('GET /images?imagename=others'),
      await call('DELETE /images/others'),
      await call('POST /guests/ZA000001/action', { ...deploy, image: 'others' }),
      await call('POST /images', { image: { ...importing.image, image_name: 'others' } }),
    ].map(({ status }) => status);

    expect(unknown).toMatchObject({ status: 404, body: { overallRC: 404, rc: 404, rs: 1 } });
    expect([imported.status, known.body.output, list.body.output]).toEqual([
      200,
      [expect.objectContaining({ imagename: 'image-1' })],
      [expect.objectContaining({ imagename: 'image-1' })],
    ]);
    expect(foreign).toEqual([404, 404, 404, 403]);
    // To ask is no crime.
    expect(trace.filter(({ refused }) => refused !== undefined).map(({ method }) => method)).toEqual([
      'DELETE',
      'POST',
      'POST',
    ]);
  });

  it('that another worker imports at the same moment do not become this one’s', async () => {
    const feilong = await recorder(({ method }) => (method === 'GET' ? noImage : { status: 409, body: envelope(300) }));
    const { call, ledger } = await guarded({ url: feilong.url });

    const imported = await call('POST /images', importing);
    const owns = await ledger.ownsImage('image-1');

    expect([imported.status, owns]).toEqual([409, false]);
  });

  it('are imported only when Feilong says that nobody has them', async () => {
    const feilong = await recorder(({ method }) => (method === 'GET' ? { status: 500, body: envelope(101) } : ok));
    const { call, ledger } = await guarded({ url: feilong.url });

    const imported = await call('POST /images', importing);

    expect(imported).toMatchObject({ status: 503, body: { overallRC: 503 } });
    expect([ledger.left(), feilong.calls.map(({ method }) => method)]).toEqual([[], ['GET']]);
  });
});

describe('a lease that is over', () => {
  it('changes nothing any more, and still reads', async () => {
    const feilong = await recorder(() => ({ status: 200, body: envelope(0, []) }));
    const { call, ledger } = await guarded({ url: feilong.url });
    ledger.end();

    const refused = [
      await call('POST /guests', create('ZA000001')),
      await call('DELETE /guests/ZA000001'),
      await call('POST /guests/ZA000001/action', { action: 'start' }),
    ].map(({ status, body }) => [status, body.errmsg]);
    const read = await call('GET /guests');

    const over = [403, 'The lease of slot ZA0 is over.'];
    expect(refused).toEqual([over, over, over]);
    expect([read.status, feilong.calls.length]).toEqual([200, 1]);
  });
});
