import { describe, expect, it } from 'vitest';
import { decideCall } from './decide-call.ts';
import type { Decision } from './decision.ts';
import { routes } from './routes.ts';
import { feilongActions, feilongRoutes } from './testing/feilong-routes.ts';
import { bodies, calls } from './testing/calls.ts';

const scope = { prefix: 'ZA0', worker: '192.0.2.7' };

function decide(call: string, body?: unknown): Decision {
  const [method = '', target = ''] = call.split(' ');
  return decideCall({ method, target, body }, scope);
}

function isForwarded(call: string, body?: unknown): boolean {
  return decide(call, body).kind === 'forward';
}

/** With the worker's own guest, vdev, image and switch. */
function filled(route: string): string {
  return route
    .replace('{userid}', 'ZA000001')
    .replace('{vdev}', '1000')
    .replace(/(?<=images\/)\{name\}/, 'image-1')
    .replace('{name}', 'VSW2');
}

describe('the table of routes', () => {
  it('says for every route of every Feilong what happens', () => {
    const known = feilongRoutes.map(({ route }) => route).toSorted();

    const decided = Object.keys(calls).toSorted();

    expect(decided).toEqual(known);
  });

  it('has no route that no Feilong has', () => {
    const known = new Set(feilongRoutes.map(({ route }) => route));

    const invented = routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !known.has(route));

    expect(invented).toEqual([]);
  });

  it.each(Object.entries(calls))('%s: %o', (route, { decision, query = '', body }) => {
    const decided = decide(filled(route) + query, body);

    expect(decided.kind).toBe(decision);
  });

  it.each(Object.entries(calls).filter(([route]) => route.includes('{userid}')))(
    '%s is refused for guests of others and of z/VM itself',
    (route, { body }) => {
      const foreign = ['ZA100001', 'za1', 'QA000001', 'MAINT', 'tcpip', 'ZA0', 'ZA0000001', '..', '%5AA000001'];

      const forwarded = foreign.filter((userid) => isForwarded(route.replace('{userid}', userid), body));

      expect(forwarded).toEqual([]);
    },
  );

  it.each(['PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'get', ''])('refuses the method %s everywhere', (method) => {
    const forwarded = routes.filter(({ path }) => isForwarded(`${method} ${filled(path)}`));

    expect(forwarded).toEqual([]);
  });
});

describe('actions', () => {
  const wanted = [
    'capture',
    'deploy',
    'get_console_output',
    'pause',
    'reboot',
    'reset',
    'softstop',
    'start',
    'stop',
    'unpause',
  ];

  it('of Feilong go through where nova needs them, and no others', () => {
    const more = { deploy: { image: 'image-1' }, capture: { image: 'image-2' } } as Record<string, object>;

    const forwarded = feilongActions.filter((action) =>
      isForwarded('POST /guests/ZA000001/action', { action, ...more[action] }),
    );

    expect(forwarded.toSorted()).toEqual(wanted);
  });

  it('deploy: needs the image, waits in the queue', () => {
    const decision = decide('POST /guests/za000001/action', bodies.deploy);

    expect(decision).toMatchObject({ path: '/guests/ZA000001/action', needsImage: 'image-1', isDeploy: true });
  });

  it('capture: makes an image', () => {
    const decision = decide('POST /guests/ZA000001/action', { action: 'capture', image: 'snapshot-1' });

    expect(decision).toMatchObject({ makesImage: 'snapshot-1', isDeploy: true, changes: true });
  });

  it('deploy of a file without a host is refused: it would be a file of Feilong’s own', () => {
    const { remotehost: _, ...alone } = bodies.deploy;

    const decision = decide('POST /guests/ZA000001/action', alone);

    expect(decision).toMatchObject({ kind: 'refuse', reason: 'The body has transportfiles without remotehost.' });
  });
});

describe('a create', () => {
  it('goes to the ledger with its size, and to Feilong in upper case', () => {
    const decision = decide('POST /guests', {
      guest: {
        userid: 'za00002f',
        vcpus: '2',
        memory: 512,
        disk_list: [{ size: '1g', is_boot_disk: true }, { size: '512M' }, { size: '2914' }],
      },
    });

    expect(decision).toMatchObject({
      body: { guest: { userid: 'ZA00002F', vcpus: 2 } },
      makesGuest: { name: 'ZA00002F', memory: 512, disk: 4 },
      userid: 'ZA00002F',
    });
  });

  it.each([
    ['another prefix', { userid: 'ZA100001' }],
    ['a name of nine', { userid: 'ZA0000001' }],
    ['no text', { userid: ['ZA000001'] }],
    ['a profile, which is a userid of z/VM', { user_profile: 'MAINT' }],
    ['a device of the machine', { dedicate_vdevs: ['0190'] }],
    ['a boot parameter', { ipl_param: 'x' }],
    ['text in z/VM’s directory', { comments: ['* LINK MAINT 0190 0190 MR'] }],
    ['an account', { account: 'x' }],
    ['another disk pool', { disk_list: [{ size: '1g', disk_pool: 'ECKD:others' }] }],
    ['endless memory', { memory: 1e300 }],
  ])('with %s is refused', (_, more) => {
    const forwarded = isForwarded('POST /guests', { guest: { ...bodies.create.guest, ...more } });

    expect(forwarded).toBe(false);
  });

  it('of a userid that z/VM itself has is refused, though it begins like the worker’s', () => {
    const tcp = { prefix: 'TCP', worker: scope.worker };
    const create = (userid: string) =>
      decideCall({ method: 'POST', target: '/guests', body: { guest: { ...bodies.create.guest, userid } } }, tcp).kind;

    const kinds = [create('TCPIP'), create('tcpmaint'), create('TCP00001')];

    expect(kinds).toEqual(['refuse', 'refuse', 'forward']);
  });
});

describe('the worker’s host', () => {
  it.each([
    'root@192.0.2.8',
    'root@192.0.2.70',
    'root@192.0.2.7 ',
    'root@192.0.2.7:22',
    'root@localhost',
    'root@3221225991',
    '192.0.2.7',
    'root@evil@192.0.2.7',
    '-oProxyCommand=x@192.0.2.7',
    '$(id)@192.0.2.7',
    'root;id@192.0.2.7',
    'root@192.0.2.7\n',
    null,
    { toString: 'root@192.0.2.7' },
  ])('is nothing else: %j', (remote) => {
    const deploy = isForwarded('POST /guests/ZA000001/action', { ...bodies.deploy, remotehost: remote });
    const importing = isForwarded('POST /images', { image: { ...bodies.import.image, remote_host: remote } });
    const exporting = isForwarded('PUT /images/image-1', {
      location: { ...bodies.export.location, remote_host: remote },
    });

    expect([deploy, importing, exporting]).toEqual([false, false, false]);
  });

  it('must be there where an image comes or goes', () => {
    const { remote_host: _, ...image } = bodies.import.image;

    const forwarded = [
      isForwarded('POST /images', { image }),
      isForwarded('PUT /images/i', { location: { dest_url: 'file:///a' } }),
    ];

    expect(forwarded).toEqual([false, false]);
  });
});

describe('files', () => {
  const tricks = [
    '/a/../../etc/passwd',
    '/a b',
    '/a;id',
    '/$(id)',
    '/a`id`',
    '/a\nb',
    '/a%2fb',
    '/',
    '/a//b',
    'a',
    '',
    `/${'a'.repeat(2000)}`,
  ];
  const urls = [
    ...tricks.map((path) => `file://${path}`),
    'http://192.0.2.9/image',
    'FILE:///a',
    'file://host/etc/passwd',
  ];

  it.each(urls)('of images come and go by plain file:// only: %.40j', (url) => {
    const importing = isForwarded('POST /images', { image: { ...bodies.import.image, url } });
    const exporting = isForwarded('PUT /images/image-1', { location: { ...bodies.export.location, dest_url: url } });

    expect([importing, exporting]).toEqual([false, false]);
  });

  it.each(tricks)('of a deploy have plain absolute paths: %.40j', (transportfiles) => {
    const forwarded = isForwarded('POST /guests/ZA000001/action', { ...bodies.deploy, transportfiles });

    expect(forwarded).toBe(false);
  });
});

describe('lists', () => {
  it.each([
    ['GET /guests', 'userids'],
    ['GET /host/guests', 'userids'],
    ['GET /guests/nics', 'nics'],
    ['GET /guests/nics?nic_id=3a44ba8f-7141-44b3-b237-fa27ff5caa7f', 'nics'],
    ['GET /images', 'images'],
  ])('%s loses what belongs to others', (call, filter) => {
    const decision = decide(call);

    expect(decision).toMatchObject({ kind: 'forward', filter });
  });

  it.each([
    'GET /guests/stats',
    'GET /guests/interfacestats',
    'GET /guests/stats?userid=ZA000001,MAINT',
    'GET /guests/stats?userid=ZA000001%2cqa000001',
    'GET /guests/stats?userid=ZA000001&userid=MAINT',
    'GET /guests/stats?userid=ZA000001;userid=MAINT',
    'GET /guests/stats?userid=ZA000001,',
    'GET /guests/stats?USERID=ZA000001',
    'GET /guests/stats?userid[]=ZA000001',
    'GET /guests/stats?userid=ZA000001?userid=MAINT',
    'GET /guests/stats?userid=%5aA000001',
    'GET /guests/nics?userid=MAINT',
    'GET /guests/ZA000001?userid=MAINT',
    'GET /guests?userid=MAINT',
    'GET /guests#MAINT',
  ])('%s is refused', (call) => {
    const forwarded = isForwarded(call);

    expect(forwarded).toBe(false);
  });

  it('of statistics name the worker’s guests in upper case', () => {
    const decision = decide('GET /guests/stats?userid=za000001%2CZA000002');

    expect(decision).toMatchObject({ path: '/guests/stats?userid=ZA000001,ZA000002' });
  });

  it('an image asked for by name must be the worker’s', () => {
    const decision = decide('GET /images?imagename=ce10d94b-86df-478a-9302-d8d6cc2db319');

    expect(decision).toMatchObject({ needsImage: 'ce10d94b-86df-478a-9302-d8d6cc2db319', changes: false });
  });
});

describe('paths', () => {
  it.each([
    '/guests/',
    '//guests',
    '/guests//ZA000001',
    '/guests/../guests/MAINT',
    '/guests/ZA000001/../MAINT',
    '/guests/%2e%2e/MAINT',
    '/guests/ZA000001%00',
    '/guests/ZA000001;x=MAINT',
    '/guests/ZA000001/',
    '/guests/ＺＡ０００００１',
    '/GUESTS',
    '/./guests',
    'http://feilong:8080/guests',
    '*',
    'guests',
    '',
    '/guests\\MAINT',
    '/guests?',
  ])('%j is taken as it stands or not at all', (target) => {
    const decision = decideCall({ method: 'DELETE', target, body: undefined }, scope);

    expect(decision.kind).toBe('refuse');
  });
});

describe('switches', () => {
  it('let only the worker’s own guests on', () => {
    const forwarded = [
      { grant_userid: 'ZA000001' },
      { revoke_userid: 'ZA000001' },
      { user_vlan_id: { userid: 'ZA000001', vlanid: 100 } },
      { grant_userid: 'MAINT' },
      { grant_userid: 'ZA000001', revoke_userid: 'TCPIP' },
      { user_vlan_id: { userid: 'QA000001', vlanid: 100 } },
    ].map((vswitch) => isForwarded('PUT /vswitches/VSW2', { vswitch }));

    expect(forwarded).toEqual([true, true, true, false, false, false]);
  });

  it('are only those of the lease where it names some', () => {
    const named = { ...scope, vswitches: ['VSW2'] };
    const grant = { vswitch: { grant_userid: 'ZA000001' } };
    const couple = (vswitch: string) => ({ info: { couple: true, vswitch } });

    const kinds = [
      decideCall({ method: 'PUT', target: '/vswitches/vsw2', body: grant }, named),
      decideCall({ method: 'PUT', target: '/vswitches/PROD', body: grant }, named),
      decideCall({ method: 'PUT', target: '/guests/ZA000001/nic/1000', body: couple('VSW2') }, named),
      decideCall({ method: 'PUT', target: '/guests/ZA000001/nic/1000', body: couple('PROD') }, named),
    ].map(({ kind }) => kind);

    expect(kinds).toEqual(['forward', 'refuse', 'forward', 'refuse']);
  });
});
