import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startZvmSimulator } from '../../../simulators/zvm/server.ts';
import { createFeilongBackend } from './create-feilong-backend.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function simulator(options: { adminToken?: string } = {}): Promise<string> {
  const started = await startZvmSimulator(options);
  closers.push(() => started.close());
  return started.url;
}

/** A server that answers as no Feilong should. */
async function serverThat(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body) });
}

async function createGuests(url: string, ...userids: string[]): Promise<void> {
  for (const userid of userids) await post(`${url}/guests`, { guest: { userid, vcpus: 1, memory: 512 } });
}

async function importImage(url: string, name: string): Promise<void> {
  const image = { image_name: name, url: `file:///images/${name}`, image_meta: { os_version: 'rhel7.2' } };
  await post(`${url}/images`, { image: { ...image, remote_host: 'nova@127.0.0.1' } });
}

const slot = { backend: 'zvm1', prefix: 'ZA0' };
const nothing = { guests: [], images: [] };
const hold = { renew: async () => true, signal: new AbortController().signal };

function backendAt(url: string, timeout?: number) {
  return createFeilongBackend({ name: 'zvm1', url, ...(timeout === undefined ? {} : { timeout }) });
}

async function straysAt(url: string, prefix: string): Promise<readonly string[] | undefined> {
  return (await backendAt(url).findStrays([prefix])).get(prefix);
}

describe('a healthy back end', () => {
  it('tells host, versions and free space', async () => {
    const backend = backendAt(`${await simulator()}/`);

    const health = await backend.checkHealth();

    expect(health).toEqual({
      text: 'SIMZVM1, z/VM 7.2.0, Feilong 1.6.3; free: 10000 GiB of disk, 256 GiB of memory',
      free: { memory: 262_144, disk: 10_000 },
    });
  });

  it('finds the guests of a prefix whatever its case, and no others', async () => {
    const url = await simulator();
    await createGuests(url, 'ZA00002f', 'ZA000001', 'ZB000001', 'XZA00001');

    const strays = await straysAt(url, 'za0');

    expect(strays).toEqual(['ZA00002F', 'ZA000001']);
  });

  it('is asked for its guests once for all prefixes', async () => {
    const asked: string[] = [];
    const url = await serverThat((request, response) => {
      asked.push(request.url ?? '');
      response.end(JSON.stringify({ overallRC: 0, output: ['ZA000001', 'ZB000001', 'ZB000002'] }));
    });

    const strays = await backendAt(url).findStrays(['ZA', 'ZB', 'ZC']);

    expect(asked.toSorted()).toEqual(['/guests', '/host/guests']);
    expect([...strays.values()].map(({ length }) => length)).toEqual([1, 2, 0]);
  });

  it('removes what is in a slot, and finds nothing afterwards', async () => {
    const url = await simulator();
    await createGuests(url, 'ZA000001', 'ZB000001');
    const backend = backendAt(url);

    const first = await backend.cleanSlot(slot, nothing, hold);
    const second = await backend.cleanSlot(slot, nothing, hold);

    expect([first, second]).toEqual([
      { found: ['ZA000001'], trouble: '' },
      { found: [], trouble: '' },
    ]);
    expect((await backend.findStrays(['ZB0'])).get('ZB0')).toEqual(['ZB000001']);
  });

  it('adopts and removes a guest of ours that Feilong does not know', async () => {
    const url = await simulator();
    await post(`${url}/simulator/directory`, { userid: 'ZA01000A' });
    const backend = backendAt(url);

    const round = await backend.cleanSlot(slot, nothing, hold);

    expect(round).toEqual({ found: ['ZA01000A (unknown to Feilong)'], trouble: '' });
    expect((await backend.findStrays(['ZA0'])).get('ZA0')).toEqual([]);
  });

  it('removes the images a worker imported, and no others', async () => {
    const url = await simulator();
    await importImage(url, 'ours');
    await importImage(url, 'theirs');

    const round = await backendAt(url).cleanSlot(slot, { guests: [], images: ['ours', 'gone'] }, hold);
    const { output } = (await (await fetch(`${url}/images`)).json()) as { output: { imagename: string }[] };

    expect(round).toEqual({ found: ['image ours'], trouble: '' });
    expect(output.map(({ imagename }) => imagename)).toEqual(['theirs']);
  });
});

describe('safety', () => {
  it('refuses prefixes of less than two characters', async () => {
    const backend = backendAt(await simulator());

    for (const prefix of ['Z', ''])
      await expect(backend.cleanSlot({ backend: 'zvm1', prefix }, nothing, hold)).rejects.toMatchObject({
        code: 'backend-refused',
      });
  });

  it('leaves a guest alone that only begins with the prefix and that Feilong does not know', async () => {
    const url = await simulator();
    await post(`${url}/simulator/directory`, { userid: 'ZABBIX' });
    const backend = backendAt(url);

    const round = await backend.cleanSlot({ backend: 'zvm1', prefix: 'ZA' }, nothing, hold);

    expect(round.found).toEqual([]);
    const { output } = (await (await fetch(`${url}/host/guests`)).json()) as { output: string[] };
    expect(output).toContain('ZABBIX');
  });
});

describe('a sick back end', () => {
  it('is not taken for one without guests: HTTP 200 with overallRC 101 is an error', async () => {
    const url = await simulator();
    await post(`${url}/simulator/faults`, { kind: 'sdkserver-down' });
    const backend = backendAt(url);

    await expect(backend.findStrays(['ZA0'])).rejects.toMatchObject({
      code: 'backend-sick',
      detail: expect.stringContaining('overallRC 101') as string,
    });
    await expect(backend.checkHealth()).rejects.toMatchObject({ code: 'backend-sick' });
  });

  it('is asked again when it only reads; what cannot be deleted is told and can be tried again', async () => {
    const url = await simulator();
    await createGuests(url, 'ZA000001', 'ZA000002');
    const backend = backendAt(url);
    await post(`${url}/simulator/faults`, { kind: 'refuse', count: 2 });
    await post(`${url}/simulator/faults`, { kind: 'delete-fails', userid: 'ZA000001', count: 1 });

    const first = await backend.cleanSlot(slot, nothing, hold);
    const second = await backend.cleanSlot(slot, nothing, hold);

    expect(first.found).toEqual(['ZA000001', 'ZA000002']);
    expect(first.trouble).toContain('rc 596, rs 6213');
    expect(second).toEqual({ found: ['ZA000001'], trouble: '' });
  });

  it('that does not answer in time or is gone is unreachable', async () => {
    const silent = await serverThat(() => {});
    const stopped = await startZvmSimulator();
    await stopped.close();

    await expect(backendAt(silent, 50).checkHealth()).rejects.toMatchObject({ code: 'backend-unreachable' });
    await expect(backendAt(silent, 50).cleanSlot(slot, nothing, hold)).rejects.toMatchObject({
      code: 'backend-unreachable',
    });
    await expect(backendAt(stopped.url).findStrays(['ZA0'])).rejects.toMatchObject({ code: 'backend-unreachable' });
  });

  it('that stops in the middle of an answer is unreachable', async () => {
    const url = await serverThat((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setTimeout(() => response.destroy(), 5);
    });

    await expect(backendAt(url).findStrays(['ZA0'])).rejects.toMatchObject({ code: 'backend-unreachable' });
  });

  it('that answers with something else than Feilong would, or with too much, is sick', async () => {
    const answers = [
      '<html>',
      '[]',
      '{"overallRC":0,"output":{"a":1}}',
      '{"overallRC":0,"output":["MUCHTOOLONGNAME"]}',
      'x'.repeat(5_000_000),
    ];
    const urls = await Promise.all(answers.map((text) => serverThat((_request, response) => response.end(text))));

    const codes = await Promise.all(
      urls.map((url) =>
        backendAt(url)
          .findStrays(['ZA0'])
          .catch((error: { code?: string }) => error.code),
      ),
    );

    expect(codes).toEqual(answers.map(() => 'backend-sick'));
  });

  it('that sends elsewhere is not followed', async () => {
    const url = await serverThat((_request, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );

    await expect(backendAt(url).findStrays(['ZA0'])).rejects.toMatchObject({ code: 'backend-sick' });
  });

  it('whose SMAPI fails again and again is sick, and a Feilong too old to tell is not', async () => {
    const host = { zvm_host: 'ZVM1', hypervisor_version: 720, memory_mb: 10, memory_mb_used: 4 };
    const feilong = (smapi: object | undefined) =>
      serverThat((request, response) => {
        const outputs: Record<string, object | undefined> = {
          '/': { version: '1.4.0' },
          '/host': host,
          '/smapi_health': smapi,
        };
        const output = outputs[request.url ?? ''];
        response.writeHead(output ? 200 : 404).end(output ? JSON.stringify({ overallRC: 0, output }) : '<html>');
      });
    const sick = backendAt(await feilong({ healthy: false, continuousFail: 21 }));
    const old = backendAt(await feilong(undefined));

    await expect(sick.checkHealth()).rejects.toMatchObject({
      code: 'backend-sick',
      detail: expect.stringContaining('21 times') as string,
    });
    expect((await old.checkHealth()).text).toBe(
      'ZVM1, z/VM 7.2.0, Feilong 1.4.0; free: unknown GiB of disk, 0 GiB of memory',
    );
  });

  it('is so when its SMAPI is, whichever way this Feilong tells', async () => {
    const newest = await startZvmSimulator({ release: 'development' });
    closers.push(() => newest.close());
    const urls = [newest.url, await simulator()];
    for (const url of urls) await post(`${url}/simulator/faults`, { kind: 'smapi-unhealthy' });

    const details = await Promise.all(
      urls.map((url) =>
        backendAt(url)
          .checkHealth()
          .catch((error: { code?: string; detail?: string }) => `${error.code}: ${error.detail}`),
      ),
    );

    expect(details).toEqual(urls.map(() => 'backend-sick: zvm1: SMAPI failed 20 times in a row.'));
  });

  it.each(['1.4.1', '1.6.3'])(
    'and one that is well are told apart by the answers recorded of Feilong %s',
    async (release) => {
      const well = backendAt(await recorded(release));
      const sick = backendAt(await recorded(release, (body) => body.replace('"healthy":true', '"healthy":false')));

      expect((await well.checkHealth()).text).toMatch(/z\/VM 7/);
      // 1.4.1 does not tell, and is not called sick for it.
      if (release === '1.4.1') expect((await sick.checkHealth()).text).toMatch(/z\/VM 7/);
      else await expect(sick.checkHealth()).rejects.toMatchObject({ code: 'backend-sick' });
    },
  );

  it('whose word on SMAPI cannot be read is sick', async () => {
    const broken = backendAt(await recorded('1.6.3', (body) => body.replace('"healthy":true', '"healthy":"yes"')));

    await expect(broken.checkHealth()).rejects.toMatchObject({
      code: 'backend-sick',
      detail: expect.stringContaining('/smapi-healthy') as string,
    });
  });
});

/** A server with what the real Feilong answered to a well system; `change`: of the bodies. */
async function recorded(release: string, change: (body: string) => string = (body) => body): Promise<string> {
  const file = new URL(`../../../test/fixtures/feilong/recorded-${release}.jsonl`, import.meta.url);
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const answers = new Map<string, Recorded['response']>();
  for (const { name, request, response } of lines.map((line) => JSON.parse(line) as Recorded))
    if (name.startsWith('host-') && request.method === 'GET') answers.set(request.path, response);
  return serverThat((request, response) => {
    const { status = 500, body = '' } = answers.get(request.url ?? '') ?? {};
    response.writeHead(status).end(change(typeof body === 'string' ? body : JSON.stringify(body)));
  });
}

interface Recorded {
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string };
  readonly response: { readonly status: number; readonly body: unknown };
}
