import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKit } from '../testing/kit.ts';
import type { Kit } from '../testing/kit.ts';

let kit: Kit;

beforeAll(async () => {
  kit = await startKit();
  const subject = '<script>alert(1)</script> & more';
  await kit.post('dev', '/a/changes/', { project: 'openstack/nova', branch: 'master', subject });
  await kit.post('zvm-ci', '/a/changes/1/revisions/current/review', {
    labels: { Verified: -1 },
    message: 'see https://ci.example.com/logs/1/?a="b <b>',
  });
});

afterAll(() => kit.stop());

test('lists changes with their votes, every text escaped', async () => {
  const { status, text } = await kit.get(null, '/');

  expect(status).toBe(200);
  expect(text).toContain('href="/c/openstack/nova/+/1"');
  expect(text).toContain('Verified -1 IBM z/VM CI');
  expect(text).toContain('&lt;script&gt;alert(1)');
  expect(text).not.toContain('<script>');
});

test('shows one change with its messages, addresses as links', async () => {
  const { status, text } = await kit.get(null, '/c/openstack/nova/+/1');

  expect(status).toBe(200);
  expect(text).toContain('<a href="https://ci.example.com/logs/1/?a=" rel="noreferrer">');
  expect(text).toContain('/a/changes/1/revisions/current/review');
});

test('knows no page of a change that does not exist', async () => {
  const { status } = await kit.get(null, '/c/openstack/nova/+/99');

  expect(status).toBe(404);
});
