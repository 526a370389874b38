import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { bodies } from '../../../domain/guard/testing/calls.ts';
import { DeployQueue } from './deploy-queue.ts';
import { FileLedger } from './file-ledger.ts';
import { openGuarded } from './testing/guarded.ts';
import type { Guarded, GuardedOptions } from './testing/guarded.ts';
import { envelope, ok, startRecordingFeilong } from './testing/recording-feilong.ts';
import type { RecordedCall, RecordingFeilong, Reply } from './testing/recording-feilong.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

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

async function ledgerFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  closers.push(() => rm(folder, { recursive: true }));
  return join(folder, 'ledger.jsonl');
}

async function openLedger(path: string): Promise<FileLedger> {
  const ledger = await FileLedger.open(path);
  closers.push(() => ledger.close());
  return ledger;
}

/** Feilong with calls that end when the test says so. */
async function slowFeilong() {
  const waiting: { readonly path: string; readonly end: (reply: Reply) => void }[] = [];
  const feilong = await recorder(({ path, method }) =>
    method === 'GET'
      ? { status: 404, body: envelope(404) }
      : new Promise((resolve) => waiting.push({ path, end: resolve })),
  );
  return { ...feilong, waiting };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function create(userid: string): object {
  return { guest: { ...bodies.create.guest, userid } };
}

function deployOf(userid: string): [string, object] {
  const host = 'root@127.0.0.1';
  return [
    `POST /guests/${userid}/action`,
    { action: 'deploy', image: 'image-1', transportfiles: '/a', remotehost: host },
  ];
}

async function withImage(options: GuardedOptions): Promise<Guarded> {
  const opened = await guarded(options);
  await opened.ledger.note({ kind: 'image', name: 'image-1', memory: 0, disk: 0 });
  return opened;
}

describe('the ledger', () => {
  it('has on the disk what a worker makes before Feilong hears of it', async () => {
    const path = await ledgerFile();
    const known: string[] = [];
    const feilong = await recorder(async ({ method, text }) => {
      if (method === 'GET') return { status: 404, body: envelope(404) };
      const name = /ZA0[0-9A-F]{5}|image-\d/.exec(text)?.[0] ?? '';
      const lines = (await readFile(path, 'utf8')).split('\n');
      known.push(`${name} ${lines.some((line) => line.includes(`"${name}","state":"intended"`))}`);
      return ok;
    });
    const { call } = await guarded({ url: feilong.url, ledger: await openLedger(path) });
    const image = { ...bodies.import.image, image_name: 'image-7', remote_host: 'root@127.0.0.1' };

    await Promise.all([
      ...Array.from({ length: 20 }, (_, index) => call('POST /guests', create(`ZA0000${index + 10}`))),
      call('POST /images', { image }),
    ]);

    expect(known.toSorted()).toEqual([
      ...Array.from({ length: 20 }, (_, index) => `ZA0000${index + 10} true`),
      'image-7 true',
    ]);
  });

  it.each<[string, Reply, string]>([
    ['was made', ok, 'made'],
    ['was there already', { status: 409, body: envelope(8) }, 'made'],
    ['was refused', { status: 400, body: envelope(100) }, 'refused'],
    ['failed half-way', { status: 500, body: envelope(8) }, 'unknown'],
    ['was answered by nobody', { status: 502, body: 'bad gateway' }, 'unknown'],
    ['failed in HTTP 200', { status: 200, body: envelope(101) }, 'unknown'],
  ])('says so when a guest %s', async (_, reply, state) => {
    const path = await ledgerFile();
    const feilong = await recorder(() => reply);
    const { call } = await guarded({ url: feilong.url, ledger: await openLedger(path) });

    await call('POST /guests', create('ZA000001'));
    const lines = (await readFile(path, 'utf8')).trim().split('\n');

    expect(lines.map((line) => (JSON.parse(line) as { state: string }).state)).toEqual(['intended', state]);
  });

  it('that cannot be written makes nothing: the worker hears 503, and Feilong nothing', async () => {
    const feilong = await recorder(() => ok);
    const { call, trace, ledger } = await guarded({
      url: feilong.url,
      ledger: await openLedger(await ledgerFile()),
    });
    // As when the disk is gone: nothing can be written there any more.
    await ledger.close();

    const answer = await call('POST /guests', create('ZA000001'));

    expect(answer).toMatchObject({ status: 503, body: { overallRC: 503 } });
    expect([trace[0]?.outage, feilong.calls]).toEqual([true, []]);
  });

  it('forgets what was deleted', async () => {
    const feilong = await recorder(() => ok);
    const { call, ledger } = await guarded({ url: feilong.url });
    await call('POST /guests', create('ZA000001'));
    await call('POST /guests', create('ZA000002'));

    await call('DELETE /guests/za000001');

    expect(ledger.left()).toEqual([{ kind: 'guest', name: 'ZA000002', state: 'made' }]);
  });
});

describe('deploys', () => {
  it('of all workers of one Feilong wait in order for a place', async () => {
    const feilong = await slowFeilong();
    const deploys = new DeployQueue(2);
    const [one, other] = [
      await withImage({ url: feilong.url, deploys }),
      await withImage({ url: feilong.url, deploys, prefix: 'ZB0' }),
    ];
    const answers: Promise<{ status: number }>[] = [];
    for (const [guard, userid] of [
      [one, 'ZA000001'],
      [other, 'ZB000001'],
      [one, 'ZA000002'],
      [other, 'ZB000002'],
    ] as const) {
      answers.push(guard.call(...deployOf(userid)));
      // Each has come before the next.
      await until(() => feilong.waiting.length === Math.min(answers.length, 2));
      await guard.call('GET /host');
    }
    const atOnce = feilong.calls.filter(({ method }) => method === 'POST').length;
    for (let index = 0; index < 4; index += 1) {
      await until(() => feilong.waiting.length > index);
      feilong.waiting[index]!.end(ok);
    }

    const statuses = (await Promise.all(answers)).map(({ status }) => status);

    expect([atOnce, statuses]).toEqual([2, [200, 200, 200, 200]]);
    expect(feilong.waiting.map(({ path }) => path)).toEqual(
      ['ZA000001', 'ZB000001', 'ZA000002', 'ZB000002'].map((userid) => `/guests/${userid}/action`),
    );
  });

  it('that Feilong has no place for are sent again, and the worker notices nothing', async () => {
    let refusals = 2;
    const full: Reply = { status: 503, body: envelope(503, '', { rs: 1, errmsg: 'Max deploys reached' }) };
    const feilong = await recorder(() => (refusals-- > 0 ? full : ok));
    const { call } = await withImage({ url: feilong.url });

    const answer = await call(...deployOf('ZA000001'));

    expect([answer.status, feilong.calls.length]).toEqual([200, 3]);
  });

  it('are not sent again when it is not Feilong that says 503', async () => {
    const feilong = await recorder(() => ({
      status: 503,
      body: 'no server',
      headers: { 'content-type': 'text/plain' },
    }));
    const { call, trace } = await withImage({ url: feilong.url });

    const answer = await call(...deployOf('ZA000001'));

    expect([answer.status, feilong.calls.length, trace[0]?.outage]).toEqual([503, 1, true]);
  });

  it('of a worker that hung up meanwhile are not sent at all', async () => {
    const feilong = await slowFeilong();
    const { guard, call } = await withImage({ url: feilong.url, deploys: new DeployQueue(1) });
    const first = call(...deployOf('ZA000001'));
    await until(() => feilong.waiting.length === 1);
    const [, body] = deployOf('ZA000002');
    const hangUp = new AbortController();
    const second = fetch(`${guard.url}/guests/ZA000002/action`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: hangUp.signal,
    });
    await call('GET /host');
    hangUp.abort();
    await expect(second).rejects.toThrow('aborted');
    await call('GET /host');
    const third = call(...deployOf('ZA000003'));
    feilong.waiting[0]!.end(ok);
    await until(() => feilong.waiting.length === 2);
    feilong.waiting[1]!.end(ok);

    await Promise.all([first, third]);

    expect(feilong.waiting.map(({ path }) => path)).toEqual(['/guests/ZA000001/action', '/guests/ZA000003/action']);
  });
});

describe('a guard that closes', () => {
  it('waits for calls in flight, begins none that waits, and takes no more', async () => {
    const feilong = await slowFeilong();
    const { guard, call, ledger } = await withImage({ url: feilong.url, deploys: new DeployQueue(1) });
    const created = call('POST /guests', create('ZA000001'));
    const deployed = call(...deployOf('ZA000001'));
    await until(() => feilong.waiting.length === 2);
    const queued = call(...deployOf('ZA000002'));
    await call('GET /host');
    const idle = connect(guard.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));

    const closed = guard.close();
    const late = call('GET /host');
    await expect(late).rejects.toThrow('ECONNREFUSED');
    const refused = await queued;
    for (const { end } of feilong.waiting) end(ok);
    await closed;

    expect([(await created).status, (await deployed).status, refused.status]).toEqual([200, 200, 503]);
    expect(ledger.left()).toContainEqual({ kind: 'guest', name: 'ZA000001', state: 'made' });
    expect(feilong.waiting.length).toBe(2);
  });
});

describe('a ledger file', () => {
  it('goes on after a crash that cut its last line', async () => {
    const path = await ledgerFile();
    const before = await openLedger(path);
    await before.note({ kind: 'guest', name: 'ZA000001', memory: 512, disk: 1 });
    await before.settle({ kind: 'guest', name: 'ZA000001' }, 'made');
    await before.note({ kind: 'image', name: 'image-1', memory: 0, disk: 0 });
    await before.close();
    const text = await readFile(path, 'utf8');
    await writeFile(path, `${text}{"at":"2026-11-27T01:00:00.000Z","kind":"gue`);

    const after = await openLedger(path);
    await after.settle({ kind: 'guest', name: 'ZA000001' }, 'deleted');
    await after.close();
    const again = await openLedger(path);

    expect(again.left()).toEqual([{ kind: 'image', name: 'image-1', state: 'intended' }]);
    await again.close();
  });

  it('that is another file is not used', async () => {
    const path = await ledgerFile();
    await writeFile(path, '{\n  "name": "something else"\n}\n');

    const attempt = FileLedger.open(path);

    await expect(attempt).rejects.toMatchObject({ code: 'options-invalid' });
    expect(await readFile(path, 'utf8')).toBe('{\n  "name": "something else"\n}\n');
  });
});
