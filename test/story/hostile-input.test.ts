import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import type { Child } from '../../src/demo/child.ts';
import { startSimulatedGerrit } from './world/gerrit-under-test.ts';
import type { GerritUnderTest } from './world/gerrit-under-test.ts';
import { hostileEvents, hostileLines, manyComments } from './world/hostile-events.ts';
import { commented, nothing, remains, until } from './world/look.ts';
import { ownScriptJob, pushScript, report, reportGood } from './world/own-script.ts';
import { startStreamProxy } from './world/stream-proxy.ts';
import type { StreamProxy } from './world/stream-proxy.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const mebibyte = 1024 * 1024;
/** What a terminal would obey, and what turns the direction of text. */
const terminal = ['\u001b', '\u0007', '\0', '\u202e'];

function expectNone(text: string, ...bad: readonly string[]): void {
  expect(bad.filter((part) => text.includes(part))).toEqual([]);
}

describe('hostile input', () => {
  let gerritDirectory: string;
  let simulated: GerritUnderTest;
  let proxy: StreamProxy;
  let world: World;
  let sidegate: Child<{ readonly url: string }>;

  beforeAll(async () => {
    gerritDirectory = await mkdtemp(join(tmpdir(), 'sidegate-hostile-'));
    simulated = await startSimulatedGerrit(gerritDirectory);
    proxy = await startStreamProxy(simulated);
    const configuration = { jobs: [ownScriptJob], limits: { console: '1MiB', artifact_files: 100 } };
    world = await startWorld({ gerrit: proxy.gerrit, slots: 4, configuration });
    sidegate = await world.startSidegate();
    await until(
      async () => (await queryRows<{ state: string }>(`select state from connections`))[0]?.state,
      (state) => state === 'connected',
    );
  });
  afterAll(async () => {
    await world.stop();
    await proxy.close();
    await simulated.stop();
    await rm(gerritDirectory, { recursive: true, force: true });
  });

  let pidBefore: number | undefined;
  beforeEach(() => {
    pidBefore = sidegate.process.pid;
  });
  afterEach(async () => {
    const health = await fetch(`${sidegate.ready.url}/healthz`);
    expect([health.status, sidegate.process.exitCode, sidegate.process.pid]).toEqual([200, null, pidBefore]);
  });

  async function queryRows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await world.database.pool.query<Row>(text, [...values])).rows;
  }

  async function buildOf({ change }: PushedPatchset): Promise<{ id: string; log_path: string; reason: string }> {
    const builds = await queryRows<{ id: string; log_path: string; reason: string }>(
      `select b.id, b.log_path, b.reason from builds b join buildsets s on s.id = b.buildset where s.change_number = $1`,
      [change],
    );
    expect(builds).toHaveLength(1);
    return builds[0]!;
  }

  async function logFolder(pushed: PushedPatchset): Promise<string> {
    return join(world.directory, 'logs', (await buildOf(pushed)).log_path);
  }

  async function page(path: string): Promise<string> {
    const response = await fetch(sidegate.ready.url + path);
    expect([path, response.status]).toEqual([path, 200]);
    return response.text();
  }

  async function goodChangeGetsItsVote(): Promise<void> {
    const { verified } = await commented(world, await pushScript(world, [reportGood]));
    expect(verified).toBe(1);
  }

  test('lines that are no events, gigantic ones, wrong types and thousands of comments lose no event', async () => {
    for (const line of hostileLines) proxy.inject(`${line}\n`);
    proxy.inject(Buffer.concat([Buffer.alloc(64 * 1024, 0xff), Buffer.from('\n\r\n\0\n')]));
    proxy.inject(`{"type":"patchset-created","x":"${'x'.repeat(3 * mebibyte)}"}\n`);
    for (const event of hostileEvents(Date.now())) proxy.inject(`${JSON.stringify(event)}\n`);
    proxy.inject(
      manyComments(3000)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    );

    const [counted] = await until(
      () =>
        queryRows<{ comments: number; open: number; others: number }>(
          `select count(*) filter (where event->'patchset'->>'subject' = 'flood')::integer as comments,
             count(*) filter (where decision is null)::integer as open,
             count(*) filter (where event->'patchset'->>'owner' = 'hostile')::integer as others from events`,
        ),
      ([row]) => row?.comments === 3000 && row.open === 0,
    );
    await goodChangeGetsItsVote();

    expect(counted?.others).toBe(hostileEvents(0).length);
    expect(await readFile(join(world.directory, 'sidegate-1.log'), 'utf8')).toContain(
      'a gigantic line of the event stream was dropped',
    );
    const [heard] = await queryRows<{ early: boolean }>(`select heard_until <= now() as early from connections`);
    expect(heard).toEqual({ early: true });
  });

  test('a subject with markup, terminal escapes, shell syntax and turned direction is text everywhere', async () => {
    const evil =
      '<script>alert(1)</script> $(touch /tmp/pwned) `id`; rm -rf ~ \u001b[31m\u001b]0;t\u0007 \u202egnp.exe \u0085 [x](javascript:x) &amp;';

    const pushed = await pushScript(world, ['env | sort', reportGood], {
      subject: evil,
      body: `${'A long line. '.repeat(1000)}\n\n--\n"'; drop table events; --`,
    });
    const gigantic = await pushScript(world, [reportGood], { subject: `${'<b>10 kB</b>'.repeat(900)}` });
    const views = await Promise.all([commented(world, pushed), commented(world, gigantic)]);
    const { id } = await buildOf(pushed);
    const pages = await Promise.all(['/', '/builds', `/build/${id}`, '/api/builds'].map(page));

    expect(views.map(({ verified }) => verified)).toEqual([1, 1]);
    for (const text of pages.slice(0, 3)) {
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expectNone(text, '<script>alert', '<b>10 kB', ...terminal);
    }
    expect(JSON.parse(pages[3]!)).toBeTruthy();
  });

  test('a console of gigabytes is cut, said so, and kills neither job nor service', async () => {
    const pushed = await pushScript(world, ['echo begin', 'head -c 2G /dev/zero', 'timeout 1 yes || true', reportGood]);

    const { verified } = await commented(world, pushed);
    const folder = await logFolder(pushed);
    const { size } = await stat(join(folder, 'job-output.txt'));
    const text = await readFile(join(folder, 'job-output.txt'), 'utf8');
    const memory = await readFile(`/proc/${sidegate.process.pid}/status`, 'utf8');

    expect(verified).toBe(1);
    expect(size).toBeLessThan(mebibyte + 200);
    expect(text).toMatch(/\[sidegate: the console is longer than 1048576 bytes, the rest was dropped\]\n$/);
    expect(Number(/VmHWM:\s+(\d+) kB/.exec(memory)?.[1])).toBeLessThan(600 * 1024);
    await page(`/build/${(await buildOf(pushed)).id}`);
  });

  test('a console with binary, escapes and markup is shown harmless', async () => {
    const pushed = await pushScript(world, [
      String.raw`printf '\033]0;title\007\033[2J\033[1;31mred\033[0m<script>alert(2)</script>\n'`,
      String.raw`printf '\342\200\256desrever \000 \377\376 \302 </pre><img src=x onerror=alert(3)>\n'`,
      'head -c 200000 /dev/urandom',
      reportGood,
    ]);

    await commented(world, pushed);
    const { id, log_path: path } = await buildOf(pushed);
    const shown = await page(`/build/${id}`);
    const raw = await fetch(`${sidegate.ready.url}/logs/${path}job-output.txt`);

    expect(shown).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
    expectNone(shown, '<script>alert', '<img src=x', ...terminal);
    expect(raw.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(raw.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await raw.arrayBuffer()).byteLength).toBeGreaterThan(200_000);
  });

  test('artifacts that would leave the log tree, replace our files or never end stay out, and that is said', async () => {
    const pushed = await pushScript(world, [
      'cd "$SIDEGATE_ARTIFACTS"',
      'ln -s /etc/passwd passwd; ln -s / root; ln -s ../../.. up; mkfifo pipe; truncate -s 9T core',
      'mkdir -p "a b/.." .ssh; echo key >.ssh/authorized_keys; echo x >"..evil"; echo x >"sp ace"; echo x >$\'es\\033c\'',
      'echo forged >job-output.txt; echo forged >build.json; echo forged >left-out.txt',
      'mkdir zvm; echo forged >zvm/slot.json; echo forged >zvm/guests-after.json',
      'echo "<script>alert(4)</script>" >index.html',
      'mkdir many; for n in {1..500}; do echo $n >many/$n.log; done',
      'cd - >/dev/null',
      reportGood,
    ]);

    const { verified } = await commented(world, pushed);
    const folder = await logFolder(pushed);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const leftOut = await readFile(join(folder, 'left-out.txt'), 'utf8');
    const outside = await readdir(join(world.directory, 'logs'));

    expect(verified).toBe(1);
    const names = entries.map(({ name }) => name);
    expect(entries.every((entry) => entry.isFile() || entry.isDirectory())).toBe(true);
    expect(entries.length).toBeLessThan(120);
    expect(names).toContain('testrepository.subunit');
    for (const name of ['passwd', 'root', 'up', 'pipe', 'core', '.ssh', '..evil', 'sp ace'])
      expect(names).not.toContain(name);
    // Of `core` it depends on the disk whether it comes before so many files.
    for (const name of ['passwd', 'pipe']) expect(leftOut).toContain(name);
    expect(leftOut).toContain('more than 100 files');
    expect(leftOut).not.toContain('\u001b');
    for (const name of ['job-output.txt', 'zvm/slot.json', 'zvm/guests-after.json'])
      expect(await readFile(join(folder, name), 'utf8')).not.toContain('forged');
    expect(outside.every((name) => /^\d\d$/.test(name))).toBe(true);
  });

  test('a hostile test stream gives no good vote, and its names are text in the comment', async () => {
    const results = '"$SIDEGATE_ARTIFACTS/testrepository.subunit"';
    const garbage = await pushScript(world, [
      `head -c 3000000 /dev/urandom >${results}`,
      `printf '\\263%.0s' {1..9000} >>${results}`,
    ]);
    const cut = await pushScript(world, [reportGood, `truncate -s -3 ${results}`]);
    const evilNames = await pushScript(world, [
      report({
        'ok.test': 'success',
        '<img src=x> [x](javascript:1)\n- story http://evil : SUCCESS in 1s\u001b[2J\u202e': 'fail',
      }),
      'exit 1',
    ]);

    const views = await Promise.all([garbage, cut, evilNames].map((pushed) => commented(world, pushed)));
    const messages = views.map(({ comments }) => comments[0]!.message);

    expect(views.map(({ verified }) => verified)).toEqual([0, 0, -1]);
    expect(messages[0]).toContain('no test has passed');
    expect(messages[1]).toMatch(/no test has passed|never finished|damaged/);
    expect(messages[2]!.match(/^- story /gm)).toHaveLength(1);
    expectNone(messages[2]!, '<', '](', ...terminal);
    await page(`/build/${(await buildOf(evilNames)).id}`);
  });

  test('afterwards a good change gets its vote and nothing is left', async () => {
    await goodChangeGetsItsVote();

    await until(
      () => remains(world),
      (left) => JSON.stringify(left) === JSON.stringify(nothing),
    );
  });
});
