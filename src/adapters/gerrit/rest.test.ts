import { expect, it } from 'vitest';
import { z } from 'zod';
import { createGerritRest } from './rest.ts';
import { accessTo, readRecorded } from './testing/recorded.ts';
import { replay, startReplayServer } from './testing/replay-server.ts';

it('reads an answer behind its prefix and logs in', async () => {
  let authorization: string | undefined;
  await using server = await startReplayServer((request, response) => {
    authorization = request.headers.authorization;
    replay(response, readRecorded('rest-self'));
  });
  const rest = createGerritRest(accessTo({ url: server.url }));

  const self = await rest.get('/accounts/self/detail', z.object({ username: z.string() }));

  expect(self).toEqual({ username: 'zvm-ci' });
  expect(server.requests).toEqual(['GET /a/accounts/self/detail']);
  expect(authorization).toBe(`Basic ${Buffer.from('zvm-ci:zvm-ci-secret').toString('base64')}`);
});

it.each([
  ['rest-review-err-401', 'gerrit-auth', false],
  ['rest-review-err-404-change', 'not-found', false],
  ['rest-review-err-bad-json', 'gerrit-refused', false],
  ['rest-review-err-403-label-novote', 'gerrit-refused', false],
])('makes of %s the error %s', async (name, code, retryable) => {
  await using server = await startReplayServer((_, response) => replay(response, readRecorded(name)));
  const rest = createGerritRest(accessTo({ url: server.url }));

  const answer = rest.get('/x?q=long', z.unknown());

  await expect(answer).rejects.toMatchObject({ code, retryable, detail: expect.stringMatching(/^\/x: HTTP \d+ \w/) });
});

it.each([
  [429, 'gerrit-busy'],
  [500, 'gerrit-busy'],
  [502, 'gerrit-unreachable'],
  [503, 'gerrit-busy'],
  [504, 'gerrit-unreachable'],
])('tries again after HTTP %i', async (status, code) => {
  await using server = await startReplayServer((_, response) =>
    replay(response, { status, body: '<html>\u001b[31mbad gateway</html>' }),
  );
  const rest = createGerritRest(accessTo({ url: server.url }));

  await expect(rest.get('/x', z.unknown())).rejects.toMatchObject({
    code,
    retryable: true,
    detail: expect.not.stringContaining('\u001b'),
  });
});

it('refuses a redirect, a page instead of JSON, and JSON of another shape', async () => {
  const answers = [
    (path: string) => path === '/a/redirect' && { status: 302, body: 'elsewhere' },
    (path: string) => path === '/a/page' && { status: 200, body: '<html>Sign in</html>' },
    () => ({ status: 200, body: { id: 7 } }),
  ];
  await using server = await startReplayServer((request, response) => {
    for (const answer of answers) {
      const recorded = answer(request.url ?? '');
      if (recorded) return replay(response, recorded);
    }
  });
  const rest = createGerritRest(accessTo({ url: server.url }));

  for (const path of ['/redirect', '/page', '/shape']) {
    await expect(rest.get(path, z.object({ id: z.string() }))).rejects.toMatchObject({ code: 'gerrit-refused' });
  }
});

it('stops reading an answer that does not end', async () => {
  await using server = await startReplayServer((_, response) => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const rest = createGerritRest(accessTo({ url: server.url, requestTimeout: 20_000 }));

  await expect(rest.get('/x', z.unknown())).rejects.toMatchObject({ code: 'input-too-large' });
});

it('gives up waiting for an answer, and says when nobody listens', async () => {
  await using silent = await startReplayServer(() => undefined);
  const waiting = createGerritRest(accessTo({ url: silent.url, requestTimeout: 50 }));
  const nobody = createGerritRest(accessTo({ url: 'http://127.0.0.1:1' }));

  await expect(waiting.get('/x', z.unknown())).rejects.toMatchObject({ code: 'gerrit-unreachable', retryable: true });
  await expect(nobody.get('/x', z.unknown())).rejects.toMatchObject({ code: 'gerrit-unreachable', retryable: true });
});
