import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideCall } from './decide-call.ts';
import { calls } from './testing/calls.ts';
import { namedUserids, strings } from './testing/named-userids.ts';

const scope = { prefix: 'ZA0', worker: '192.0.2.7' };

/** Names of others, in every way they could be written, and what a shell or a path could read. */
const hostile = fc.oneof(
  fc.constantFrom(
    'MAINT',
    'maint',
    'QA000001',
    'qa000001',
    'ZA1',
    'za100001',
    'ZA',
    'ZA0',
    'ZA0000001',
    'TCPIP',
    'Feilong',
  ),
  fc.constantFrom(
    '%4dAINT',
    'ＭＡＩＮＴ',
    'ſA000001',
    ' MAINT',
    'MAINT\n',
    'ZA000001,MAINT',
    'ZA000001/../MAINT',
    'ZA000001\0',
  ),
  fc.constantFrom(
    'root@192.0.2.8',
    'root@192.0.2.7;id',
    '$(id)',
    '`id`',
    '../../etc/passwd',
    'file:///a|b',
    '-oProxyCommand=id',
  ),
  fc.string({ maxLength: 12 }),
  fc.stringMatching(/^[A-Za-z0-9]{1,9}$/),
);
const own = fc.constantFrom('ZA000001', 'za0fffff', 'Za0Z', 'ZA000002');
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostile },
  { weight: 2, arbitrary: own },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, true, 0, -1, 1e300, [], {}, ['MAINT'], { userid: 'MAINT' }) },
);
const key = fc.oneof(
  fc.constantFrom(
    'userid',
    'user_profile',
    'grant_userid',
    'destination',
    'dest_zcc_userid',
    'assigner_id',
    '__proto__',
    'constructor',
  ),
  fc.constantFrom(
    'action',
    'image',
    'remotehost',
    'remote_host',
    'transportfiles',
    'url',
    'comments',
    'vswitch',
    'guest',
  ),
);

/** A good body with some of its members replaced and some added, as deep as it goes. */
function mutated(body: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(body))
    return fc.tuple(...body.map(mutated)).chain((items) => fc.constantFrom(items, [...items, ...items]));
  if (typeof body !== 'object' || body === null)
    return fc.oneof({ weight: 6, arbitrary: fc.constant(body) }, { weight: 1, arbitrary: value });
  const members = Object.entries(body).map(([name, member]) =>
    mutated(member).map((changed) => [name, changed] as const),
  );
  const more = fc.option(fc.tuple(key, value), { freq: 6, nil: undefined });
  return fc
    .tuple(more, ...members)
    .map(
      ([added, ...kept]) =>
        JSON.parse(
          `{${[...kept, ...(added ? [added] : [])].map(([name, member]) => `${JSON.stringify(name)}:${JSON.stringify(member)}`).join(',')}}`,
        ) as unknown,
    );
}

const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc
      .array(
        fc.tuple(
          fc.constantFrom('userid', 'imagename', 'nic_id', 'poolname', 'USERID', 'userid[]'),
          fc.oneof(own, hostile),
        ),
        { maxLength: 3 },
      )
      .chain((pairs) =>
        fc.constantFrom('&', ';', '?').map((by) => `?${pairs.map(([name, text]) => `${name}=${text}`).join(by)}`),
      ),
  },
);

const request = fc.constantFrom(...Object.entries(calls)).chain(([route, { body, query: good = '' }]) => {
  const [method = '', path = ''] = route.split(' ');
  const part = fc.oneof(own, own, hostile);
  return fc.record({
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constant(method) },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'DELETE', 'POST', 'PUT') },
    ),
    target: fc
      .tuple(part, fc.constantFrom('1000', 'image-1', 'VSW2'), fc.oneof(query, fc.constant(good)))
      .map(([userid, name, asked]) => path.replace('{userid}', userid).replaceAll(/\{\w+\}/g, name) + asked),
    body: fc.oneof({ weight: 8, arbitrary: mutated(body) }, { weight: 1, arbitrary: value }),
  });
});

describe('whatever a worker sends', () => {
  it('nothing that reaches Feilong names a userid of others', () => {
    let forwarded = 0;
    fc.assert(
      fc.property(request, (call) => {
        const decision = decideCall(call, scope);

        if (decision.kind === 'refuse') return;
        forwarded += 1;
        const named = namedUserids(decision);
        expect(named.filter((userid) => !/^ZA0[A-Z0-9]{1,5}$/.test(userid))).toEqual([]);
      }),
      { numRuns: 20_000 },
    );

    // Else the property would be about nothing.
    expect(forwarded).toBeGreaterThan(500);
  });

  it('nothing that reaches Feilong says more than words: no shell, no path out of a folder, no host but the worker', () => {
    fc.assert(
      fc.property(request, (call) => {
        const decision = decideCall(call, scope);

        if (decision.kind === 'refuse') return;
        const said = [...strings(decision.body), decision.path];
        expect(said.filter((text) => !/^[A-Za-z0-9@:/._,?&=-]*$/.test(text) || text.startsWith('-'))).toEqual([]);
        expect(said.filter((text) => text.split('/').includes('..'))).toEqual([]);
        expect(said.filter((text) => text.includes('@') && !text.endsWith('@192.0.2.7'))).toEqual([]);
      }),
      { numRuns: 20_000 },
    );
  });

  it('what is forwarded is decided the same way again, and stays as it is', () => {
    fc.assert(
      fc.property(request, (call) => {
        const first = decideCall(call, scope);

        if (first.kind === 'refuse') return;
        const again = decideCall({ method: first.method, target: first.path, body: first.body }, scope);
        expect(again).toEqual(first);
      }),
      { numRuns: 5000 },
    );
  });

  it('a decision never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.anything(), (method, target, body) => {
        const decision = decideCall({ method, target, body }, scope);

        expect(['refuse', 'forward']).toContain(decision.kind);
      }),
      { numRuns: 5000 },
    );
  });
});
