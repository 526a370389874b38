import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration } from './load.ts';
import { problemsIn } from './testing/load.ts';
import { createWorkspace, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

const plain = `  - {name: lpar1, kind: shared, url: 'http://feilong:8080', guard: {address: 192.0.2.1}, slots: [{prefix: ZA0}, {prefix: ZB0}]}`;

/** The minimal configuration with these back ends. */
function withBackends(...lines: readonly string[]): string {
  if (!minimal.includes(plain)) throw new Error('the minimal configuration has changed');
  return minimal.replace(plain, lines.map((line) => `  - ${line}`).join('\n'));
}

async function problemsOf(...lines: readonly string[]): Promise<string> {
  return (await problemsIn(workspace, withBackends(...lines), {})).join('\n');
}

async function backendsOf(...lines: readonly string[]) {
  const file = join(workspace.folder, 'sidegate.yaml');
  await writeFile(file, withBackends(...lines));
  return (await loadConfiguration(file, {})).settings.backends;
}

const feilong = `kind: shared, url: 'http://feilong:8080'`;
const guard = 'guard: {address: 192.0.2.1}';
const slots = 'slots: [{prefix: ZA0}, {prefix: ZB0}]';

describe('a back end', () => {
  test('has a guard, ranges of its own and room for each worker', async () => {
    const network = 'base_mac: 02:00:00:A1:00:00, addresses: 192.0.2.10-192.0.2.19, vlans: 100-109';
    const [backend] = await backendsOf(
      `{name: lpar1, ${feilong}, guard: {address: 192.0.2.1, ports: 18000-18001, vswitches: [vsw1]}, worker: {memory: 16GiB, disk: 100GiB}, slots: [{prefix: ZA, ${network}}]}`,
    );

    expect(backend).toEqual({
      name: 'lpar1',
      kind: 'shared',
      system: 'lpar1',
      driver: {
        kind: 'feilong',
        url: 'http://feilong:8080',
        guard: { address: '192.0.2.1', ports: { first: 18_000, last: 18_001 }, vswitches: ['VSW1'], tls: false },
        deploys: 10,
      },
      slots: [
        {
          prefix: 'ZA',
          variables: {
            SIDEGATE_BASE_MAC: '02:00:00:A1:00:00',
            SIDEGATE_FIRST_ADDRESS: '192.0.2.10',
            SIDEGATE_LAST_ADDRESS: '192.0.2.19',
            SIDEGATE_VLANS: '100:109',
          },
        },
      ],
      worker: { memory: 16_384, disk: 100 },
      maintenance: [],
    });
  });

  test('has maintenance windows, once and every week', async () => {
    const [backend] = await backendsOf(
      `{name: lpar1, ${feilong}, ${guard}, ${slots}, maintenance: [{from: 2026-12-06T02:00Z, until: "2026-12-06T06:00+01:00", reason: IPL}, {every: sunday, at: "02:30", length: 2h, reason: backup}]}`,
    );

    expect(backend?.maintenance).toEqual([
      {
        kind: 'once',
        from: Date.parse('2026-12-06T02:00Z'),
        until: Date.parse('2026-12-06T05:00Z'),
        reason: 'IPL',
      },
      { kind: 'weekly', day: 0, from: 9_000_000, length: 7_200_000, reason: 'backup' },
    ]);
  });

  test('may be a pair of commands', async () => {
    const [backend] = await backendsOf(
      `{name: lpar1, kind: shared, command: {prepare: {run: echo 1}, clean: {run: echo 2}}, ${slots}}`,
    );

    expect(backend?.driver).toEqual({
      kind: 'command',
      prepare: 'echo 1',
      clean: 'echo 2',
      check: undefined,
      timeout: 600_000,
    });
  });

  test.each<[string, string, string]>([
    ['neither url nor command', `{name: lpar1, kind: shared, ${slots}}`, 'backends[0]: needs `url`'],
    [
      'both',
      `{name: lpar1, ${feilong}, command: {prepare: {run: x}, clean: {run: y}}, ${slots}}`,
      'backends[0].url: has no meaning beside `command`.',
    ],
    ['no guard', `{name: lpar1, ${feilong}, ${slots}}`, 'backends[0]: needs `guard`.'],
    [
      'a guard that nobody has to pass',
      `{name: lpar1, ${feilong}, ${guard}, direct_access: true, ${slots}}`,
      'backends[0]: `guard` and `direct_access` exclude each other.',
    ],
    [
      'too few ports',
      `{name: lpar1, ${feilong}, guard: {address: 192.0.2.1, ports: 18000}, ${slots}}`,
      'backends[0].guard.ports: are 1 for 2 slots.',
    ],
    [
      'a certificate without its key',
      `{name: lpar1, ${feilong}, guard: {address: 192.0.2.1, certificate: ./c.pem}, ${slots}}`,
      'backends[0].guard: `certificate` and `key` belong together.',
    ],
    [
      'an address that is a name',
      `{name: lpar1, ${feilong}, guard: {address: ci.example.com}, ${slots}}`,
      'backends[0].guard.address: must be an IP address.',
    ],
    [
      'half a window',
      `{name: lpar1, ${feilong}, ${guard}, ${slots}, maintenance: [{from: 2026-12-06T02:00Z, reason: IPL}]}`,
      'backends[0].maintenance[0]: needs either `from` and `until`, or `every`, `at` and `length`.',
    ],
    [
      'a window that ends before it begins',
      `{name: lpar1, ${feilong}, ${guard}, ${slots}, maintenance: [{from: 2026-12-06T02:00Z, until: 2026-12-06T01:00Z, reason: IPL}]}`,
      'backends[0].maintenance[0].until: is not after `from`.',
    ],
    [
      'a time without its zone',
      `{name: lpar1, ${feilong}, ${guard}, ${slots}, maintenance: [{from: "2026-12-06T02:00", until: 2026-12-06T06:00Z, reason: IPL}]}`,
      'backends[0].maintenance[0].from: must be a time with its zone',
    ],
    [
      'a base_mac that neutron cannot count up from',
      `{name: lpar1, ${feilong}, ${guard}, slots: [{prefix: ZA, base_mac: 02:00:00:A1:00:01}]}`,
      'backends[0].slots[0].base_mac: must be a MAC address that ends in 00:00',
    ],
  ])('with %s is refused', async (_name, line, expected) => {
    expect(await problemsOf(line)).toContain(expected);
  });
});

describe('back ends of one system', () => {
  const first = (more: string) => `{name: one, system: Z1, ${feilong}, ${guard}, slots: [{prefix: ZA, ${more}}]}`;
  const second = (more: string, system = 'Z1') =>
    `{name: two, system: ${system}, ${feilong}, ${guard}, slots: [{prefix: ZB, ${more}}]}`;

  test.each([
    ['base_mac: 02:00:00:A1:00:00', 'base_mac'],
    ['addresses: 192.0.2.10-192.0.2.19', 'addresses'],
    ['vlans: 100-109', 'vlans'],
  ])('must not share %s', async (range, key) => {
    expect(await problemsOf(first(range), second(range))).toContain(
      `backends[1].slots[0].${key}: overlaps with that of ZA of one.`,
    );
    expect(await backendsOf(first(range), second(range, 'Z2'))).toHaveLength(2);
  });

  test('must not listen on the same ports', async () => {
    const listening = (name: string, prefix: string, ports: string) =>
      `{name: ${name}, ${feilong}, guard: {address: 192.0.2.1, ports: ${ports}}, slots: [{prefix: ${prefix}}]}`;

    expect(await problemsOf(listening('one', 'ZA', '1000-1009'), listening('two', 'ZB', '1009-1010'))).toContain(
      'backends[1].guard.ports: overlaps with that of one.',
    );
  });
});
