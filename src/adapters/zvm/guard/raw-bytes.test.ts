import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedUserids, strings } from '../../../domain/guard/testing/named-userids.ts';
import { openGuarded } from './testing/guarded.ts';
import type { Guarded } from './testing/guarded.ts';
import { goodRequests, rawRequests } from './testing/raw-requests.ts';
import { envelope, startRecordingFeilong } from './testing/recording-feilong.ts';
import type { RecordedCall, RecordingFeilong } from './testing/recording-feilong.ts';

const everything = ['QA000001', 'MAINT', 'ZA000001', 'ZA100001'];

describe('malformed requests', () => {
  let feilong: RecordingFeilong;
  let guarded: Guarded;

  beforeAll(async () => {
    feilong = await startRecordingFeilong(({ method }) => ({
      status: 200,
      body: envelope(0, method === 'GET' ? everything : ''),
    }));
    guarded = await openGuarded({ url: feilong.url });
  });
  afterAll(async () => {
    await guarded.guard.close();
    await feilong.close();
  });

  /** Sends bytes and hangs up; what came back until then. */
  function sendRaw(bytes: Buffer): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(guarded.guard.port, '127.0.0.1');
      let heard = '';
      const done = () => {
        clearTimeout(timer);
        socket.destroy();
        resolve(heard);
      };
      // One that the guard still waits for the rest of.
      const timer = setTimeout(done, 400);
      socket.on('data', (data) => (heard += data.toString('latin1')));
      socket.once('close', done).once('error', done);
      socket.write(bytes);
    });
  }

  /** Whatever reached Feilong is one well-formed call about this worker's guests and nothing else. */
  function expectHarmless(calls: readonly RecordedCall[]): void {
    for (const { method, path, text, headers } of calls) {
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const said = [path, ...strings(body)].join(' ').toUpperCase();
      expect(['GET', 'POST', 'PUT', 'DELETE']).toContain(method);
      expect(path).toMatch(/^\/[A-Za-z0-9/._-]*(\?[a-z_]+=[A-Za-z0-9,._:-]+)?$/);
      expect(namedUserids({ path, body }).filter((userid) => !/^ZA0[A-Z0-9]{1,5}$/.test(userid))).toEqual([]);
      expect(said).not.toMatch(/MAINT|QA000001/);
      expect(Object.keys(headers).toSorted().join(' ')).toMatch(
        /^accept connection (content-length content-type )?host user-agent$/,
      );
    }
  }

  async function expectToWork(): Promise<void> {
    const { status, body } = await guarded.call('GET /guests');
    expect([status, body.output]).toEqual([200, ['ZA000001']]);
  }

  it.each(
    rawRequests.map((bytes, index) => [`${index}: ${JSON.stringify(bytes.toString('latin1', 0, 90))}`, bytes] as const),
  )('do nothing to others: %s', async (_, bytes) => {
    const before = feilong.calls.length;

    const heard = await sendRaw(bytes);
    await expectToWork();

    expectHarmless(feilong.calls.slice(before));
    expect(heard).not.toMatch(/QA000001"|ZA100001/);
  });

  it('made of good ones by spoiling their bytes do nothing to others', async () => {
    const before = feilong.calls.length;
    const spoilt = fc
      .oneof(fc.constantFrom(...goodRequests), fc.constantFrom(...rawRequests.filter(({ length }) => length < 2000)))
      .chain((good) => {
        const at = fc.nat(good.length);
        const put = fc.oneof(
          fc
            .constantFrom(
              '\r\n',
              '\n',
              '\r',
              '\0',
              ' ',
              '\t',
              '%',
              '..',
              '/',
              'MAINT',
              'QA000001',
              '\r\n\r\nDELETE /guests/MAINT HTTP/1.1\r\nHost: g\r\n\r\n',
              'Transfer-Encoding: chunked\r\n',
              'Content-Length: 3\r\n',
              '"userid":"MAINT",',
            )
            .map((text) => Buffer.from(text)),
          fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
        );
        return fc
          .array(fc.tuple(at, fc.nat(3), put), { minLength: 1, maxLength: 3 })
          .map((changes) =>
            changes.reduce(
              (bytes, [from, gone, bytesPut]) =>
                Buffer.concat([bytes.subarray(0, from), bytesPut, bytes.subarray(from + gone)]),
              good,
            ),
          );
      });

    await fc.assert(
      fc.asyncProperty(fc.array(spoilt, { minLength: 20, maxLength: 20 }), async (requests) => {
        const from = feilong.calls.length;
        await Promise.all(requests.map(sendRaw));
        expectHarmless(feilong.calls.slice(from));
      }),
      { numRuns: 30 },
    );
    await expectToWork();

    // Some of them still say what they said before: the property is about something.
    expect(feilong.calls.length - before).toBeGreaterThan(10);
  });

  it('said slowly, letter by letter, do nothing to others either', async () => {
    const before = feilong.calls.length;
    const socket = connect(guarded.guard.port, '127.0.0.1').setNoDelay();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume().on('error', () => undefined);
    for (const byte of rawRequests[0]!) {
      if (socket.destroyed) break;
      socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    socket.end();
    await closed;
    await expectToWork();

    expectHarmless(feilong.calls.slice(before));
  });
});
