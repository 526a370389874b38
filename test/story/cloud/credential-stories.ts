import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { commented, nothing } from '../world/look.ts';
import { asCi } from '../world/cloud-under-test.ts';
import type { OpenstackSession } from '../../../lab/openstack/openstack-session.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { gone } from './boot-stories.ts';
import { labelOf } from './cloud-stage.ts';

/** Application credentials, and tokens that end before their time. */
export function credentialStories(cloud: () => CloudUnderTest): void {
  describe('with an application credential', () => {
    let world: World;
    let user: OpenstackSession;
    let credential: { id: string; secret: string };
    beforeAll(async () => {
      user = await asCi(cloud());
      const { application_credential: made } = await user.ask<{ application_credential: typeof credential }>(
        'identity',
        `POST ${credentialsOf(user)}`,
        { body: { application_credential: { name: `story-${Date.now()}` } } },
      );
      credential = made;
      world = await startWorld({ cloud: cloud(), configuration: { labels: [labelOf(cloud())] } });
      await useCredential(world, cloud(), credential);
      await world.startSidegate();
    });
    afterAll(async () => {
      await world.stop();
      await user.call('identity', `DELETE ${credentialsOf(user)}/${credential.id}`);
    });

    test('builds run as with a password', async () => {
      const pushed = await world.push({ guests: 1 });

      expect((await commented(world, pushed)).verified).toBe(1);
      expect(await gone(world)).toEqual(nothing);
    });
  });

  describe('with a token that is revoked', () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ cloud: cloud(), configuration: { labels: [labelOf(cloud())] } });
      await world.startSidegate();
    });
    afterAll(() => world.stop());

    test('sidegate logs in again by itself', async () => {
      const before = await world.push({});
      await commented(world, before);

      await cloud().revokeTokens();
      const after = await world.push({});

      expect((await commented(world, after, 1, 120_000)).verified).toBe(1);
      expect(await gone(world)).toEqual(nothing);
    });
  });
}

function credentialsOf({ userId }: OpenstackSession): string {
  return `/users/${userId}/application_credentials`;
}

async function useCredential(
  world: World,
  { authUrl }: CloudUnderTest,
  { id, secret }: { id: string; secret: string },
): Promise<void> {
  const file = join(world.directory, 'clouds.yaml');
  const { clouds } = parse(await readFile(file, 'utf8')) as { clouds: Record<string, object> };
  const auth = { auth_url: authUrl, application_credential_id: id, application_credential_secret: secret };
  const cloud = { ...clouds['ci-cloud'], auth_type: 'v3applicationcredential', auth };
  await writeFile(file, stringify({ clouds: { 'ci-cloud': cloud } }), { mode: 0o600 });
}
