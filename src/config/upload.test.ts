import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeConfiguration } from './redact.ts';
import { knownSecrets } from './scrub.ts';
import { loadIn, problemsIn } from './testing/load.ts';
import { createWorkspace, minimal } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
  await workspace.write(
    'clouds.yaml',
    `clouds:
  ci-cloud:
    auth: {auth_url: 'https://keystone.example.com:5000/v3', username: ci, password: hunter2, project_name: ci}
    region_name: RegionOne
  logs-cloud:
    auth: {auth_url: 'https://logs.example.com:5000/v3', username: logs, password: swordfish, project_name: logs}
    region_name: RegionOne
`,
  );
});
afterAll(() => workspace[Symbol.asyncDispose]());

const variables = { S3_KEY: 'AKIAEXAMPLE', S3_SECRET: 'correct-horse-battery' };
const s3 = `{endpoint: 'https://s3.example.com/', bucket: zvm-ci-logs, access_key: {env: S3_KEY}, secret_key: {env: S3_SECRET}}`;
const upload = (text: string) => `logs: {upload: {${text}}}\n${minimal}`;

describe('logs go', () => {
  test('to a container of a cloud, that needs no label', async () => {
    const configuration = await loadIn(workspace, upload('swift: {cloud: logs-cloud, container: zvm, prefix: ci/}'));

    expect(configuration.clouds.map(({ name }) => name)).toEqual(['ci-cloud']);
    expect(configuration.logs.upload).toMatchObject({
      kind: 'swift',
      cloud: { name: 'logs-cloud', authUrl: 'https://logs.example.com:5000/v3' },
      container: 'zvm',
      prefix: 'ci/',
      deleteAfter: undefined,
    });
    expect(configuration.settings.logs.keepLocal).toBe(7 * 86_400_000);
  });

  test('to the cloud of the labels too', async () => {
    const configuration = await loadIn(workspace, upload('swift: {cloud: ci-cloud, container: zvm}, keep_local: 0s'));

    expect(configuration.logs.upload).toMatchObject({ cloud: { name: 'ci-cloud' } });
    expect([configuration.clouds.length, configuration.settings.logs.keepLocal]).toEqual([1, 0]);
  });

  test('to a bucket', async () => {
    const { logs } = await loadIn(workspace, upload(`s3: ${s3}`), variables);

    expect(logs.upload).toMatchObject({
      kind: 's3',
      endpoint: 'https://s3.example.com',
      bucket: 'zvm-ci-logs',
      region: 'us-east-1',
      prefix: '',
    });
  });

  test('nowhere, where nothing is said', async () => {
    expect((await loadIn(workspace, minimal)).logs.upload).toBeUndefined();
  });
});

test.each([
  ['swift: {cloud: logs-cloud, container: zvm}', 'swordfish'],
  [`s3: ${s3}`, 'correct-horse-battery'],
])('the secrets of %s are hidden in logs, and nowhere printed', async (text, secret) => {
  const configuration = await loadIn(workspace, upload(text), variables);

  expect(knownSecrets(configuration)).toContain(secret);
  expect(JSON.stringify(describeConfiguration(configuration))).not.toContain(secret);
});

test.each([
  ['', /needs either `swift` or `s3`/],
  [`swift: {cloud: ci-cloud, container: zvm}, s3: ${s3}`, /needs either `swift` or `s3`/],
  ['swift: {cloud: ci-clowd, container: zvm}', /has no cloud ci-clowd.*\n?.*ci-cloud/s],
  ['swift: {cloud: ci-cloud, container: a/b}', /must be the name of a container/],
  ['swift: {cloud: ci-cloud, container: zvm, prefix: ci}', /must be names with a `\/` behind each/],
  [
    'swift: {cloud: ci-cloud, container: zvm, delete_after: 60d}',
    /Swift would delete logs that `logs\.retention` keeps/,
  ],
  [`s3: ${s3.replace('https', 'ftp')}`, /must be an address/],
  [`s3: ${s3.replace('zvm-ci-logs', 'ZVM_logs')}`, /must be the name of a bucket/],
  [`s3: ${s3.replace('{env: S3_SECRET}', 'plain')}`, /must not be written here/],
  [`s3: ${s3.replace('S3_SECRET', 'S3_NOTHING')}`, /S3_NOTHING is not set/],
])('%s is refused', async (text, problem) => {
  expect((await problemsIn(workspace, upload(text), variables)).join('\n')).toMatch(problem);
});
