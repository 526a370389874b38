import { afterEach, describe, expect, it } from 'vitest';
import { act, call, createGuests, guest, start, stopAll } from './test-client.ts';

afterEach(stopAll);

interface Report {
  readonly events: readonly { readonly what: string; readonly client: string }[];
  readonly shared: readonly object[];
  readonly outside: readonly object[];
  readonly outsideInAll: number;
  readonly clients: readonly object[];
}

async function audit(url: string): Promise<Report> {
  return (await call(url, 'GET /simulator/audit')).body as Report;
}

const as = (name: string) => ({ 'user-agent': name });

async function register(url: string, name: string, prefixes?: readonly string[]): Promise<void> {
  await call(url, 'POST /simulator/clients', { name, userAgent: name, ...(prefixes && { prefixes }) });
}

describe('the audit', () => {
  it('tells who did what to which userid, and how many guests of a prefix there were at once', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001', 'ZA000002', 'ZB000001', 'ZA000001');
    await call(url, 'DELETE /guests/ZA000002', undefined, as('sweeper'));

    const report = await audit(url);

    expect(report).toMatchObject({
      guests: ['ZA000001', 'ZB000001'],
      maximum: { ZA0: 2, ZB0: 1 },
      maximumInAll: 3,
      overlaps: 1,
      dropped: 0,
    });
    expect(report.events.map((event) => event.what)).toEqual([
      'created',
      'created',
      'created',
      'create-refused',
      'deleted',
    ]);
    expect(report.events.at(-1)?.client).toBe('127.0.0.1 sweeper');
  });

  it('tells userids that two clients named, also in vain', async () => {
    const url = await start();
    await call(url, 'POST /guests', guest('ZA000001'), as('worker-a'));
    await call(url, 'GET /guests/za000001/power_state', undefined, as('worker-b'));
    await call(url, 'GET /guests/ZA000002/power_state', undefined, as('worker-b'));

    const { shared } = await audit(url);

    expect(shared).toEqual([
      { userid: 'ZA000001', clients: ['127.0.0.1 worker-a', '127.0.0.1 worker-b'], sameLife: true },
    ]);
  });

  it('tells apart who came after a guest was deleted', async () => {
    const url = await start();
    await call(url, 'POST /guests', guest('ZA000001'), as('worker-a'));
    await call(url, 'DELETE /guests/ZA000001', undefined, as('worker-a'));
    await call(url, 'POST /guests', guest('ZA000001'), as('worker-b'));

    const { shared } = await audit(url);

    expect(shared).toMatchObject([{ userid: 'ZA000001', sameLife: false }]);
  });

  it('tells what a client touched outside its prefixes, in path, query and body', async () => {
    const url = await start();
    await register(url, 'worker-a', ['ZA0']);
    await createGuests(url, 'ZB000001');

    await call(url, 'POST /guests', guest('ZA000001'), as('worker-a'));
    await call(url, 'POST /guests', guest('zb000002'), as('worker-a'));
    await call(url, 'POST /guests/ZB000001/action', { action: 'start' }, as('worker-a'));
    await call(url, 'GET /guests/nics?userid=zb000003', undefined, as('worker-a'));
    await call(url, 'PUT /vswitches/VSW1', { vswitch: { grant_userid: 'ZB000004' } }, as('worker-a'));
    const report = await audit(url);

    expect(report.outside).toMatchObject([
      { client: 'worker-a', userid: 'ZB000002', call: 'POST /guests' },
      { client: 'worker-a', userid: 'ZB000001', call: 'POST /guests/ZB000001/action start' },
      { client: 'worker-a', userid: 'ZB000003', call: 'GET /guests/nics' },
      { client: 'worker-a', userid: 'ZB000004', call: 'PUT /vswitches/VSW1' },
    ]);
    expect(report.outsideInAll).toBe(4);
    expect(report.clients).toContainEqual({ client: 'worker-a', touches: 5, userids: 5 });
  });

  it('lets a client without prefixes touch all, and share none', async () => {
    const url = await start();
    await register(url, 'sweeper');
    await register(url, 'worker-a', ['ZA0']);
    await call(url, 'POST /guests', guest('ZA000001'), as('worker-a'));
    await call(url, 'DELETE /guests/ZA000001', undefined, as('sweeper'));

    const { outside, shared } = await audit(url);

    expect({ outside, shared }).toEqual({ outside: [], shared: [] });
  });

  it('starts again when cleared, and still knows who made what is there', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001');
    await act(url, 'ZA000001', 'start');

    await call(url, 'DELETE /simulator/audit');

    expect(await audit(url)).toMatchObject({
      events: [],
      clients: [],
      maximum: { ZA0: 1 },
      left: { guests: [{ userid: 'ZA000001', client: '127.0.0.1 node' }] },
    });
  });

  it('refuses a client rule it does not understand', async () => {
    const url = await start();

    const refused = await call(url, 'POST /simulator/clients', { name: 'a', prefix: 'ZA0' });

    expect(refused.status).toBe(400);
  });
});
