import { expect, test } from 'vitest';
import { findLeftovers } from './leftovers.ts';

const known = {
  servers: [
    { id: 'row-1', state: 'ready', novaId: 'nova-1' },
    { id: 'row-2', state: 'deleted', novaId: 'nova-2' },
    { id: 'row-3', state: 'building', novaId: undefined },
  ],
  images: [{ id: 'image-row', imageId: 'glance-1' }],
  keypair: 'sidegate-me-new',
};

function marked(kind: string, id: string, of: string | undefined) {
  return { kind, id, name: kind === 'keypair' ? id : `sidegate-${id}`, of };
}

test.each([
  ['the server of a row', marked('server', 'nova-1', 'row-1')],
  ['a server whose id was not noted yet', marked('server', 'nova-3', 'row-3')],
  ['a port of a living row', marked('port', 'port-1', 'row-1')],
  ['the keypair in use', marked('keypair', 'sidegate-me-new', undefined)],
  ['an image of ours', marked('image', 'glance-1', 'image-row')],
])('keeps %s', (_what, resource) => {
  expect(findLeftovers([resource], known)).toEqual([]);
});

test('keeps every keypair where nobody can know which one is in use', () => {
  const keypair = marked('keypair', 'sidegate-me-old', undefined);

  const leftovers = findLeftovers([keypair], { ...known, keypair: undefined });

  expect(leftovers).toEqual([]);
});

test.each([
  ['a server without a row', marked('server', 'nova-9', 'row-9')],
  ['a server of a row that is over', marked('server', 'nova-2', 'row-2')],
  ['a second server of a row', marked('server', 'nova-1b', 'row-1')],
  ['a floating address of a row that is over', marked('floating-ip', 'fip-1', 'row-2')],
  ['a volume without a row', marked('volume', 'volume-1', undefined)],
  ['a keypair of an earlier key', marked('keypair', 'sidegate-me-old', undefined)],
  ['an image without a row', marked('image', 'glance-2', 'other-row')],
  ['a second image of a row', marked('image', 'glance-1b', 'image-row')],
])('lets %s go', (_what, resource) => {
  expect(findLeftovers([resource], known)).toEqual([resource]);
});
