/** Lines of a stream that are no events sidegate can use. */
export const hostileLines: readonly string[] = [
  '',
  'Killed',
  '<html><body>502 Bad Gateway</body></html>',
  '{"type":"patchset-created"',
  'null',
  '42',
  '"patchset-created"',
  '[]',
  '{}',
  '{"type":null}',
  '{"type":["patchset-created"]}',
  '{"type":"__proto__"}',
  '{"__proto__":{"type":"patchset-created"},"type":"patchset-created"}',
  '{"type":"constructor","change":{}}',
  '{"type":"vote-deleted","change":{"project":"openstack/nova"}}',
  '{"type":"dropped-output"}',
  `{"type":"${'x'.repeat(100_000)}"}`,
  `${'['.repeat(100_000)}`,
  `{"type":"comment-added","change":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
  JSON.stringify(patchsetCreated({ number: -1 })),
  JSON.stringify(patchsetCreated({ number: 1e30 })),
  JSON.stringify(patchsetCreated({ number: '12; drop table events' })),
  JSON.stringify(patchsetCreated({ project: '../../../etc\u0000' })),
  JSON.stringify(patchsetCreated({ project: 'x'.repeat(100_000) })),
  JSON.stringify(patchsetCreated({ branch: { name: 'master' } })),
  JSON.stringify(patchsetCreated({}, { revision: '--upload-pack=touch /tmp/pwned' })),
  JSON.stringify(patchsetCreated({}, { number: '1/../../2' })),
  JSON.stringify({ ...patchsetCreated({}), eventCreatedOn: 'yesterday' }),
  JSON.stringify({ ...patchsetCreated({}), eventCreatedOn: -1 }),
];

function patchsetCreated(change: object, patchSet: object = {}) {
  return {
    type: 'patchset-created',
    eventCreatedOn: 1_700_000_000,
    change: {
      project: 'openstack/cinder',
      branch: 'master',
      id: `I${'0'.repeat(40)}`,
      number: 900_001,
      subject: 'hostile',
      owner: { name: 'refused' },
      ...change,
    },
    patchSet: { number: 1, revision: 'a'.repeat(40), createdOn: 1_700_000_000, ...patchSet },
  };
}

/** Events that are well-formed and mean harm; each is to be journaled. None is for a configured project. */
export function hostileEvents(now: number): readonly object[] {
  const seconds = Math.floor(now / 1000);
  const owner = { name: 'hostile' };
  return [
    patchsetCreated({ number: 900_002, subject: 'NUL \0 half \ud800 other \udc00 half', owner }),
    patchsetCreated({ number: 900_003, subject: 'x'.repeat(200_000), owner }),
    patchsetCreated({ number: 900_004, id: "'; drop table events; --", owner }),
    patchsetCreated({ number: 900_005, project: '../../../../etc/passwd', owner }),
    // The year 9999, as if all until then were known.
    { ...patchsetCreated({ number: 900_006, owner }, { createdOn: 253_402_300_799 }), eventCreatedOn: 253_402_300_799 },
    commentAdded({ number: 900_007, owner }, `\ud800 \0 \u202e ${'recheck '.repeat(10_000)}`, seconds),
    commentAdded({ number: 900_008, owner }, `${'a'.repeat(50_000)}!${'\n'.repeat(50_000)}recheck`, seconds),
  ];
}

function commentAdded(change: object, comment: string, eventCreatedOn: number) {
  return {
    ...patchsetCreated(change),
    type: 'comment-added',
    author: { username: 'hostile\u001b[2J', name: '<b>' },
    comment,
    eventCreatedOn,
  };
}

/** As many different comments at once. */
export function manyComments(count: number): readonly object[] {
  return Array.from({ length: count }, (_, n) =>
    commentAdded({ number: 910_000 + (n % 50), subject: 'flood' }, `Patch Set 1:\n\ncomment ${n}`, 1_700_000_000 + n),
  ).map((event) => ({ ...event, change: { ...event.change, owner: { name: 'flood' } } }));
}
