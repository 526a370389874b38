import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOpenstackSimulator } from './simulator.ts';
import type { OpenstackSimulator } from './simulator.ts';
import { createReplay } from './testing/replay.ts';
import type { Replay, ReplayOptions } from './testing/replay.ts';

let directory: string;
let simulator: OpenstackSimulator;
let replay: Replay;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'openstack-credentials-'));
  simulator = await startOpenstackSimulator({ directory });
  replay = createReplay(simulator.authUrl);
});

afterAll(async () => {
  await simulator.close();
  await rm(directory, { recursive: true });
});

function isAnsweredAsRecorded(name: string, options?: () => ReplayOptions): void {
  test(`${name} is answered as recorded`, async () => {
    const differences = await replay.run(name, options?.());

    expect(differences).toEqual([]);
  });
}

/** Logs in with an application credential; undefined: refused. */
async function tokenOf(id: string): Promise<string | undefined> {
  const identity = { methods: ['application_credential'], application_credential: { id, secret: 'ci-cred-secret' } };
  const response = await fetch(`${simulator.authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth: { identity } }),
  });
  return response.headers.get('x-subject-token') ?? undefined;
}

/** The samples say REDACTED for it. */
function withSecret(recorded: unknown, change: object = {}): unknown {
  const { application_credential: asked } = recorded as { application_credential: object };
  return { application_credential: { ...asked, secret: 'ci-cred-secret', ...change } };
}

let token: string | undefined;

isAnsweredAsRecorded('appcred-409');
isAnsweredAsRecorded('appcred-list');

test('a token of the credential works before it is deleted', async () => {
  token = await tokenOf('9aa65a2ffdc04ff4842f012edfe76032');

  expect(token).toBeDefined();
});

isAnsweredAsRecorded('appcred-delete');
isAnsweredAsRecorded('nova-after-appcred-deleted', () => ({ headers: { 'X-Auth-Token': token ?? '' } }));
isAnsweredAsRecorded('appcred-create', () => ({ body: (recorded) => withSecret(recorded) }));
isAnsweredAsRecorded('token-appcred');

let endsAt = 0;

isAnsweredAsRecorded('appcred-create-short', () => {
  endsAt = Date.now() + 3000;
  const end = { expires_at: new Date(endsAt).toISOString().replace('Z', '') };
  return { body: (recorded) => withSecret(recorded, end) };
});

test('token-appcred-expiring is answered as recorded', async () => {
  const differences = await replay.run('token-appcred-expiring');

  token = await tokenOf(replay.actual('0d57f3dfc073426fbef2601978be2535'));
  expect(differences).toEqual([]);
  expect(token).toBeDefined();
});

test('the credential ends when it said', async () => {
  await expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(endsAt);
});

isAnsweredAsRecorded('token-appcred-401-expired');
isAnsweredAsRecorded('nova-401-expired-token', () => ({ headers: { 'X-Auth-Token': token ?? '' } }));
isAnsweredAsRecorded('token-expired-validate', () => ({ headers: { 'X-Subject-Token': token ?? '' } }));

test('a credential that would already have ended is refused', async () => {
  const past = { expires_at: '2020-01-01T00:00:00' };

  const differences = await replay.run('appcred-create-short', {
    body: (recorded) => withSecret(recorded, { name: 'past', ...past }),
  });

  expect(differences[0]).toContain('status 400 instead of 201');
  expect(differences[0]).toContain("The 'expires_at' must not be before now.");
});
