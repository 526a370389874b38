import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startZvmSimulator } from '../../../../simulators/zvm/server.ts';
import { bodies } from '../../../domain/guard/testing/calls.ts';
import { Secret } from '../../../domain/secret.ts';
import { hasOpenssl, makeCertificate } from '../../../shared/testing/make-certificate.ts';
import { callAt, openGuarded } from './testing/guarded.ts';
import type { Guarded, GuardedOptions } from './testing/guarded.ts';
import { envelope, ok, startRecordingFeilong } from './testing/recording-feilong.ts';
import type { RecordedCall, RecordingFeilong, Reply } from './testing/recording-feilong.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function guarded(options: GuardedOptions): Promise<Guarded> {
  const opened = await openGuarded(options);
  closers.push(() => opened.guard.close());
  return opened;
}

type Tls = Parameters<typeof startRecordingFeilong>[1];

async function recorder(reply: (call: RecordedCall) => Reply, tls?: Tls): Promise<RecordingFeilong> {
  const started = await startRecordingFeilong(reply, tls);
  closers.push(() => started.close());
  return started;
}

/** As Feilong with `auth = token`: the newest token counts for `uses` calls. */
async function feilongWithTokens(uses: number): Promise<RecordingFeilong & { readonly logins: () => number }> {
  let logins = 0;
  let left = 0;
  const feilong = await recorder(({ path, headers }) => {
    if (path === '/token') {
      if (headers['x-admin-token'] !== 'admin') return { status: 401, body: envelope(400) };
      logins += 1;
      left = uses;
      return { status: 200, body: '', headers: { 'content-type': 'text/html', 'x-auth-token': `token-${logins}` } };
    }
    const isGood = headers['x-auth-token'] === `token-${logins}` && left > 0;
    left -= 1;
    return isGood ? ok : { status: 401, body: envelope(400, '', { rs: 401 }) };
  });
  return { ...feilong, logins: () => logins };
}

describe('Feilong’s token', () => {
  it('is got and added by the guard; the worker needs none', async () => {
    const feilong = await startZvmSimulator({ adminToken: 'admin' });
    closers.push(() => feilong.close());
    const { call } = await guarded({ url: feilong.url, token: new Secret('admin') });

    const without = await callAt(feilong.url, 'GET /guests');
    const created = await call('POST /guests', bodies.create);
    const list = await call('GET /guests');

    expect([without.status, created.status, list.body.output]).toEqual([401, 200, ['ZA000001']]);
  });

  it('is one for many calls', async () => {
    const feilong = await feilongWithTokens(1000);
    const { call } = await guarded({ url: feilong.url, token: new Secret('admin') });

    const answers = await Promise.all(Array.from({ length: 20 }, () => call('GET /host')));

    expect([answers.every(({ status }) => status === 200), feilong.logins()]).toEqual([true, 1]);
  });

  it('is got anew when it has expired, once for all that were refused at the same time', async () => {
    const feilong = await feilongWithTokens(1000);
    const { call } = await guarded({ url: feilong.url, token: new Secret('admin') });
    await call('GET /host');
    // Somebody else logged in, or an hour has passed: the token of the guard is none any more.
    await fetch(`${feilong.url}/token`, { method: 'POST', headers: { 'x-admin-token': 'admin' } });

    const answers = await Promise.all(Array.from({ length: 10 }, () => call('POST /guests', bodies.create)));

    expect([answers.every(({ status }) => status === 200), feilong.logins()]).toEqual([true, 3]);
  });

  it('that Feilong refuses again and again is an outage, and is not asked for endlessly', async () => {
    const feilong = await feilongWithTokens(0);
    const { call, trace } = await guarded({ url: feilong.url, token: new Secret('admin') });

    const answer = await call('GET /host');

    expect([answer.status, feilong.logins()]).toEqual([401, 2]);
    expect(trace).toMatchObject([{ outage: true }]);
  });

  it('that cannot be got is told without it', async () => {
    const feilong = await feilongWithTokens(1);
    const { call } = await guarded({ url: feilong.url, token: new Secret('wrong') });

    const answer = await call('GET /host');

    expect(answer.status).toBe(502);
    expect(answer.body.errmsg).toContain('POST /token: HTTP 401');
    expect(JSON.stringify(answer)).not.toContain('wrong');
  });
});

describe.skipIf(!hasOpenssl)('TLS (needs the program openssl)', () => {
  let tls: { readonly certificate: string; readonly key: string };

  beforeAll(() => {
    const { cert, key } = makeCertificate();
    tls = { certificate: cert, key };
  });

  it('goes from the worker to the guard, and from the guard to Feilong', async () => {
    const feilong = await recorder(() => ok, tls);
    const { guard, call } = await guarded({ url: feilong.url, ca: tls.certificate, tls });

    const answer = await call('GET /host');

    expect([guard.url.slice(0, 6), answer.status, feilong.calls.length]).toEqual(['https:', 200, 1]);
  });

  it('of a Feilong that nobody vouches for is refused', async () => {
    const feilong = await recorder(() => ok, tls);
    const { call } = await guarded({ url: feilong.url });

    const answer = await call('GET /host');

    expect(answer).toMatchObject({ status: 502, body: { overallRC: 502 } });
    expect([answer.body.errmsg, feilong.calls]).toEqual(['Feilong did not answer: DEPTH_ZERO_SELF_SIGNED_CERT.', []]);
  });
});
