import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { decideCall } from '../../../domain/guard/decide-call.ts';
import { calls } from '../../../domain/guard/testing/calls.ts';
import { feilongActions, feilongRoutes } from '../../../domain/guard/testing/feilong-routes.ts';

const page = await readFile(new URL('../../../../docs/zvm-backends.md', import.meta.url), 'utf8');
const [, section = ''] = page.split('### Every call of Feilong');
const scope = { prefix: 'ZA0', worker: '192.0.2.7' };

/** `| path | methods that go through | methods that are refused |` */
function documented(): readonly string[] {
  const rows = [...section.matchAll(/^\| `(\/\S*)`\s*\| ([A-Z, ]*)\| ([A-Z, ]*)\|/gm)];
  return rows.flatMap(([, path, through = '', refused = '']) => [
    ...methodsIn(through).map((method) => `${method} ${path} forward`),
    ...methodsIn(refused).map((method) => `${method} ${path} refuse`),
  ]);
}

function methodsIn(cell: string): readonly string[] {
  return cell.match(/[A-Z]+/g) ?? [];
}

function decide(route: string, body: unknown, query = '') {
  const [method = '', path = ''] = route.split(' ');
  const target =
    path
      .replace('{userid}', 'ZA000001')
      .replace('{vdev}', '1000')
      .replaceAll(/\{\w+\}/g, 'VSW2') + query;
  return decideCall({ method, target, body }, scope).kind;
}

test('docs/zvm-backends.md says of every route of every Feilong what the guard does with it', () => {
  const decided = feilongRoutes.map(({ route }) => {
    const call = calls[route]!;
    return `${route} ${decide(route, call.body, call.query)}`;
  });

  expect(documented().toSorted()).toEqual(decided.toSorted());
});

test('and of every action of a guest', () => {
  const [, through = '', refused = ''] = /Actions that go through: (.*?)\. Refused: (.*?)\./s.exec(section) ?? [];
  const named = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name!).toSorted();
  const bodies: Readonly<Record<string, object>> = { deploy: { image: 'image-1' }, capture: { image: 'image-1' } };
  const goes = (action: string) => decide('POST /guests/{userid}/action', { action, ...bodies[action] }) === 'forward';
  const real = feilongActions.filter((action) => !/^(__\w+__|client|dd_semaphore)$/.test(action));

  expect(named(through)).toEqual(real.filter(goes).toSorted());
  expect(named(refused)).toEqual(real.filter((action) => !goes(action)).toSorted());
});
