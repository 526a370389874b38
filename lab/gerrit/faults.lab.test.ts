import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createGerritReview } from '../../src/adapters/gerrit/create-gerrit-review.ts';
import type { ErrorCode } from '../../src/domain/errors.ts';
import type { GerritAccess } from '../../src/domain/gerrit-access.ts';
import { accessAs, labGerrit } from './lab-gerrit.ts';
import { pushChange } from './push-change.ts';
import type { PushedPatchset } from './push-change.ts';
import type { RealGerrit } from './start-gerrit.ts';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';

const lab = labGerrit();
const project = 'example/zvm-driver';

describe.skipIf(!lab)('the client and a real Gerrit in trouble', () => {
  const gerrit = lab as RealGerrit;
  const opened = new Set<AbortController>();

  afterAll(() => {
    for (const closing of opened) closing.abort();
  });

  async function open(access: GerritAccess) {
    const closing = new AbortController();
    opened.add(closing);
    const lines: string[] = [];
    const { ended } = await createGerritReview(access).openStream({
      onLine: (line) => lines.push(line),
      types: ['patchset-created', 'comment-added', 'change-abandoned', 'change-merged'],
      signal: closing.signal,
    });
    return { ended, lines };
  }

  function push(subject: string): Promise<PushedPatchset> {
    const { username, password } = gerrit.accounts.dev;
    return pushChange({
      url: gerrit.url,
      username,
      password,
      project,
      subject,
      files: { 'driver.txt': `${subject}\n` },
    });
  }

  describe('what trying again does not mend', () => {
    const wrongKey = generateSshKey('test');

    it.each<[string, () => GerritAccess, ErrorCode]>([
      ['a wrong key', () => accessAs(gerrit, 'zvm-ci', { privateKey: wrongKey.privateKey }), 'gerrit-auth'],
      ['an unknown user', () => accessAs(gerrit, 'zvm-ci', { username: 'nobody' }), 'gerrit-auth'],
      ['an account without the capability', () => accessAs(gerrit, 'dev'), 'gerrit-no-stream'],
      ['another host key', () => accessAs(gerrit, 'zvm-ci', { hostKeys: [wrongKey.publicKey] }), 'gerrit-host-key'],
    ])('%s', async (_, access, code) => {
      await expect(open(access())).rejects.toMatchObject({ code, retryable: false });
    });
  });

  it('notices a killed Gerrit at once, and finds after the restart what was pushed before', async () => {
    const since = Date.now() - 2000;
    const { ended } = await open(accessAs(gerrit, 'zvm-ci', { keepaliveInterval: 600_000 }));
    const pushed = await push('Pushed shortly before the end');
    // The search index goes to disk each second.
    await expect.poll(() => numbersSince(since), { timeout: 20_000 }).toContain(pushed.change);
    await wait(2500);

    await gerrit.kill();
    const end = await ended;
    const again = await open(accessAs(gerrit, 'zvm-ci')).catch((error: unknown) => error);
    await gerrit.restart();
    const found = await numbersSince(since);

    expect(end.permanent).toBe(false);
    expect(again).toMatchObject({ code: 'gerrit-unreachable', retryable: true });
    expect(found).toContain(pushed.change);
  });

  it('notices a Gerrit that hangs without closing the connection', async () => {
    const { ended } = await open(accessAs(gerrit, 'zvm-ci'));

    gerrit.pause();
    const end = await ended.finally(() => gerrit.resume());

    expect(end).toEqual({ reason: 'connection lost: Keepalive timeout', permanent: false });
  });

  it('hears again after a restart', async () => {
    const first = await open(accessAs(gerrit, 'zvm-ci'));
    await gerrit.restart();
    const end = await first.ended;
    const { lines } = await open(accessAs(gerrit, 'zvm-ci'));

    const pushed = await push('After the restart');

    expect(end.permanent).toBe(false);
    await expect.poll(() => lines.join('\n'), { timeout: 20_000 }).toContain(pushed.revision);
  });

  async function numbersSince(since: number): Promise<number[]> {
    const numbers: number[] = [];
    for await (const event of createGerritReview(accessAs(gerrit, 'zvm-ci')).eventsSince(since, [project])) {
      if (event.type === 'patchset-created') numbers.push(event.patchset.number);
    }
    return numbers;
  }
});
