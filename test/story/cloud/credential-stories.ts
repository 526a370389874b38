import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import { commented, nothing, until } from '../world/look.ts';
import { asCi } from '../world/cloud-under-test.ts';
import type { OpenstackSession } from '../../../lab/openstack/openstack-session.ts';
import { startWorld } from '../world/world.ts';
import { runDoctor } from '../world/run-doctor.ts';
import type { World } from '../world/world.ts';
import { gone } from './boot-stories.ts';
import { labelOf, serversOf } from './cloud-stage.ts';

/** Ways to log in, and tokens that end: in their time, and before it. */
export function credentialStories(cloud: () => CloudUnderTest): void {
  applicationCredentialStories(cloud);
  idStories(cloud);
  revokedTokenStories(cloud);
  expiredTokenStories(cloud);
}

function applicationCredentialStories(cloud: () => CloudUnderTest): void {
  describe('with an application credential', () => {
    let world: World;
    let user: OpenstackSession;
    let credential: Credential;
    beforeAll(async () => {
      user = await asCi(cloud());
      credential = await makeCredential(user);
      world = await startWorld({ cloud: cloud(), configuration: { labels: [labelOf(cloud())] } });
      await useAuth(world, 'v3applicationcredential', {
        application_credential_id: credential.id,
        application_credential_secret: credential.secret,
      });
      await world.startSidegate();
    });
    afterAll(async () => {
      await world.stop();
      await removeCredential(user, credential);
    });

    test('builds run as with a password', async () => {
      const pushed = await world.push({ guests: 1 });

      expect((await commented(world, pushed)).verified).toBe(1);
      expect(await gone(world)).toEqual(nothing);
    });
  });
}

/** As Horizon and Keystone write clouds.yaml, and people do by hand. */
function idStories(cloud: () => CloudUnderTest): void {
  describe('with ids instead of names', () => {
    let world: World;
    let user: OpenstackSession;
    let credential: Credential;
    beforeAll(async () => {
      user = await asCi(cloud());
      credential = await makeCredential(user);
      world = await startWorld({ cloud: cloud(), configuration: { labels: [labelOf(cloud())] } });
    });
    afterAll(async () => {
      await world.stop();
      await removeCredential(user, credential);
    });

    test.each<[string, (user: OpenstackSession) => object]>([
      ['user and project', ({ userId, projectId }) => ({ user_id: userId, project_id: projectId })],
      [
        'the project, the user by name',
        ({ projectId }) => ({ username: cloud().user, project_id: projectId, user_domain_name: 'Default' }),
      ],
      [
        'the project beside its name, as Horizon writes it',
        ({ projectId }) => ({
          username: cloud().user,
          project_id: projectId,
          project_name: cloud().project,
          user_domain_name: 'Default',
        }),
      ],
      ['both domains', () => ({ username: cloud().user, project_name: cloud().project, domain_id: 'default' })],
    ])('%s: the doctor logs in', async (_name, authOf) => {
      await useAuth(world, 'password', { ...authOf(user), password: cloud().password });

      expect(await runDoctor(world)).toContain(`ok     login: project ${cloud().project}`);
    });

    test('the user of an application credential with a name: the doctor logs in', async () => {
      await useAuth(world, 'v3applicationcredential', {
        application_credential_name: credential.name,
        application_credential_secret: credential.secret,
        user_id: user.userId,
      });

      expect(await runDoctor(world)).toContain(`ok     login: project ${cloud().project}`);
    });

    test('builds run as with names', async () => {
      await useAuth(world, 'password', {
        user_id: user.userId,
        password: cloud().password,
        project_id: user.projectId,
      });
      await world.startSidegate();

      const pushed = await world.push({ guests: 1 });

      expect((await commented(world, pushed)).verified).toBe(1);
      expect(await gone(world)).toEqual(nothing);
    });
  });
}

function revokedTokenStories(cloud: () => CloudUnderTest): void {
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

/** For a real cloud too (ms). */
const patience = 240_000;

function expiredTokenStories(cloud: () => CloudUnderTest): void {
  describe('with tokens that soon end', { timeout: 3 * patience }, () => {
    let world: World;
    let witness: OpenstackSession;
    let good = 0;
    beforeAll(async () => {
      await cloud().setTokenLifetime(cloud().shortLifetime);
      world = await startWorld({ cloud: cloud(), configuration: { labels: [labelOf(cloud())] } });
      await world.startSidegate();
      // As old as sidegate's first one.
      witness = await asCi(cloud());
      good = (await witness.call('compute', 'GET /servers')).status;
    });
    afterAll(async () => {
      await world.stop();
      await cloud().setTokenLifetime();
    });

    test('builds before, across and after the end of a token get their votes', async () => {
      const before = await world.push({});
      const across = await world.push({ seconds: cloud().shortLifetime + 10, guests: 1 });
      const first = (await commented(world, before, 1, patience)).verified;
      const second = (await commented(world, across, 1, patience)).verified;
      const ended = (await witness.call('compute', 'GET /servers')).status;
      const after = await world.push({});
      const third = (await commented(world, after, 1, patience)).verified;

      expect([first, second, third]).toEqual([1, 1, 1]);
      expect([good, ended]).toEqual([200, 401]);
      expect(await gone(world)).toEqual(nothing);
    });

    test('a token that ends before its time, while servers boot and builds run, is replaced', async () => {
      const running = await world.push({ seconds: 8 });
      await until(
        () => serversOf(world),
        (servers) => servers.some(({ state, build }) => state === 'ready' && build !== null),
        patience,
      );
      const booting = await world.push({});

      await cloud().revokeTokens();
      const votes = [running, booting].map(async (one) => (await commented(world, one, 1, patience)).verified);

      expect(await Promise.all(votes)).toEqual([1, 1]);
      expect(await gone(world)).toEqual(nothing);
    });
  });
}

interface Credential {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
}

async function makeCredential(user: OpenstackSession): Promise<Credential> {
  const body = { application_credential: { name: `story-${Date.now()}` } };
  const made = await user.ask<{ application_credential: Credential }>('identity', `POST ${credentialsOf(user)}`, {
    body,
  });
  return made.application_credential;
}

async function removeCredential(user: OpenstackSession, { id }: Credential): Promise<void> {
  await user.call('identity', `DELETE ${credentialsOf(user)}/${id}`);
}

function credentialsOf({ userId }: OpenstackSession): string {
  return `/users/${userId}/application_credentials`;
}

/** Another login in clouds.yaml. */
async function useAuth(world: World, type: string, auth: object): Promise<void> {
  const file = join(world.directory, 'clouds.yaml');
  const { clouds } = parse(await readFile(file, 'utf8')) as { clouds: Record<string, object> };
  const cloud = { ...clouds['ci-cloud'], auth_type: type, auth: { auth_url: world.cloud.authUrl, ...auth } };
  await writeFile(file, stringify({ clouds: { 'ci-cloud': cloud } }), { mode: 0o600 });
}
