import { readFileSync } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import type { Child } from '../../src/demo/child.ts';
import { commented, nothing, remains, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const example = join(import.meta.dirname, '..', '..', 'examples', 'backends', 'iscsi-array');
const fetchScript = readFileSync(join(example, '..', '..', '..', 'jobs', 'shared', 'fetch.sh'), 'utf8');

/** Makes as many volumes as story.json says `guests`, in a pool that must be a fresh one, and leaves them behind. */
const volumesScript = `
story() { node -p "require('./source/story.json').$1 ?? $2"; }
for number in $(seq "$(story guests 1)"); do mkdir "$ARRAY_POOL/volume-$number"; done
echo "$SIDEGATE_BACKEND $SIDEGATE_PREFIX" >"$ARRAY_POOL/volume-1/made-by"
sleep "$(story seconds 0)"
exit "$(story exit 0)"`;

describe('a CI whose back end is an array, by the scripts of the example', () => {
  let array: string;
  let world: World;
  let sidegate: Child<unknown>;

  beforeAll(async () => {
    array = await mkdtemp(join(tmpdir(), 'sidegate-array-'));
    await mkdir(join(array, 'pools'));
    world = await startWorld({ configuration: configuration() });
    sidegate = await world.startSidegate();
  });
  afterAll(async () => {
    await world.stop();
    await rm(array, { recursive: true, force: true });
  });

  function configuration(): object {
    const command = { prepare: withFaults('prepare'), clean: withFaults('clean'), check: withFaults('check') };
    return {
      backends: [{ name: 'array', kind: 'shared', slots: [{ prefix: 'ZA' }, { prefix: 'ZB' }], command }],
      jobs: [
        {
          name: 'volumes',
          label: 'small',
          backend: 'array',
          timeout: '2m',
          attempts: 2,
          phases: [
            { name: 'fetch', run: fetchScript },
            { name: 'test', run: volumesScript },
          ],
        },
      ],
      projects: [
        { gerrit: 'review', project: 'openstack/nova', branches: ['master'], pipelines: { check: ['volumes'] } },
      ],
    };
  }

  /** The script of the example. With a file `fail-NAME` it fails; one that finds `stall-NAME` hangs for as many seconds as that says. */
  function withFaults(name: string): { run: string } {
    return {
      run: `
        cd '${array}'
        request=$(cat)
        slot=\${request#*'"slot":"'}
        slot=\${slot:0:2}
        echo "begin ${name} $$ $slot" >>runs
        if [ -e 'fail-${name}' ]; then echo 'no route to the array' >&2; exit 3; fi
        if seconds=$(cat 'stall-${name}' 2>/dev/null) && mv 'stall-${name}' 'stalled-${name}'; then sleep "$seconds"; fi
        ARRAY='${array}'
        . '${example}/${name}.sh' <<<"$request"
        echo "end ${name} $$ $slot" >>runs`,
    };
  }

  async function fault(name: string, text = ''): Promise<() => Promise<void>> {
    // At once: a script must not find half of it.
    await writeFile(join(array, 'next-fault'), text);
    await rename(join(array, 'next-fault'), join(array, name));
    return () => rm(join(array, name));
  }

  async function runsOf(name: string): Promise<readonly string[]> {
    const text = await readFile(join(array, 'runs'), 'utf8');
    return text.split('\n').filter((line) => line.split(' ')[1] === name);
  }

  /** Process and slot of the run that hangs. */
  async function stalledRun(name: string): Promise<{ pid: string; slot: string }> {
    await until(
      () => access(join(array, `stalled-${name}`)).then(() => true),
      () => true,
    );
    await rm(join(array, `stalled-${name}`));
    const begun = (await runsOf(name)).filter((line) => line.startsWith('begin'));
    const [, , pid, slot] = begun.at(-1)!.split(' ');
    return { pid: pid!, slot: slot! };
  }

  async function killAndRestart(): Promise<void> {
    sidegate.process.kill('SIGKILL');
    await sidegate.ended;
    sidegate = await world.startSidegate();
  }

  const pools = () => readdir(join(array, 'pools'));

  async function poolsOf(count: number): Promise<readonly string[]> {
    const made = await until(pools, ({ length }) => length === count);
    for (const pool of made) await until(() => readFile(join(array, 'pools', pool, 'volume-1', 'made-by')), Boolean);
    return made;
  }

  async function rowsOf<Row extends object>(sql: string): Promise<readonly Row[]> {
    return (await world.database.pool.query<Row>(sql)).rows;
  }

  /** Those about the back end; of the job's failures there is one until a build of it ends well. */
  const openNotices = () =>
    rowsOf<{ code: string; subject: string; text: string }>(
      `select code, subject, text from notices where closed_at is null and subject like 'array%'`,
    );

  async function attemptsOf({ change }: PushedPatchset) {
    return rowsOf<{ result: string; error_code: string | null; reason: string }>(
      `select b.result, b.error_code, b.reason from builds b join buildsets s on s.id = b.buildset
       where s.change_number = ${Number(change)} order by b.attempt`,
    );
  }

  function allIsClean(): Promise<unknown> {
    return until(
      async () => ({ ...(await remains(world)), pools: await pools(), notices: await openNotices() }),
      (left) => JSON.stringify(left) === JSON.stringify({ ...nothing, pools: [], notices: [] }),
    );
  }

  test('tests two changes side by side, each in a pool of its own, and removes what they leave', async () => {
    const pushed = await Promise.all([1, 2].map(() => world.push({ guests: 3, seconds: 4 })));

    const made = await poolsOf(2);
    const makers = await Promise.all(
      made.map((pool) => readFile(join(array, 'pools', pool, 'volume-1', 'made-by'), 'utf8')),
    );
    const views = await Promise.all(pushed.map((one) => commented(world, one)));

    expect(made.toSorted()).toEqual(['ZA-1', 'ZB-1']);
    expect(makers.toSorted()).toEqual(['array ZA1\n', 'array ZB1\n']);
    expect(views.map(({ verified }) => verified)).toEqual([1, 1]);
    await allIsClean();
  });

  test('keeps a slot out of use while a volume cannot be removed, says why, and goes on in the other one', async () => {
    const pushed = await world.push({ seconds: 3 });
    const [pool] = await poolsOf(1);
    const unlock = await fault(`pools/${pool}/volume-1/locked`, 'in use by host 7');

    const first = await commented(world, pushed);
    const [notice] = await until(openNotices, ({ length }) => length > 0);
    const other = await commented(world, await world.push({}));
    const dirty = await rowsOf<{ detail: string }>(`select detail from slots where state = 'dirty' and detail <> ''`);
    await unlock();

    expect([first.verified, other.verified]).toEqual([1, 1]);
    expect(notice).toMatchObject({ code: 'slot-dirty', subject: `array ${pool!.slice(0, 2)}` });
    expect(notice!.text).toContain(`${pool}/volume-1: in use by host 7`);
    expect(dirty).toMatchObject([{ detail: expect.stringContaining('in use by host 7') }]);
    await allIsClean();
  });

  test('keeps a slot out of use while its clean script fails, with the words of the script', async () => {
    const pushed = await world.push({ seconds: 3 });
    await poolsOf(1);
    const mend = await fault('fail-clean');

    const { verified } = await commented(world, pushed);
    const [notice] = await until(openNotices, ({ length }) => length > 0);
    await mend();

    expect(verified).toBe(1);
    expect(notice!.code).toBe('command-failed');
    expect(notice!.text).toContain('exit status 3; its output ends with: no route to the array');
    await allIsClean();
  });

  test('gives no vote when a slot cannot be prepared', async () => {
    const mend = await fault('fail-prepare');
    const pushed = await world.push({});

    const view = await commented(world, pushed);
    await mend();

    expect([view.verified, view.comments.length]).toEqual([0, 1]);
    expect(view.comments[0]!.message).toContain('NODE_FAILURE');
    expect(await attemptsOf(pushed)).toMatchObject(
      [1, 2].map(() => ({ result: 'NODE_FAILURE', error_code: 'command-failed' })),
    );
    await allIsClean();
  });

  test('holds builds while the check says that the array is out of order', async () => {
    const mend = await fault('fail-check');
    await until(openNotices, (notices) => notices.some(({ code }) => code === 'backend-sick'));

    const pushed = await world.push({});
    const waiting = await until(
      () => rowsOf<{ waiting_for: string | null }>(`select waiting_for from builds where state = 'queued'`),
      ([build]) => (build?.waiting_for ?? null) !== null,
    );
    await mend();

    expect(waiting[0]!.waiting_for).toContain('no route to the array');
    expect((await commented(world, pushed)).verified).toBe(1);
    await allIsClean();
  });

  test('cleans again when sidegate is killed while it cleans; the script ends with it', async () => {
    const pushed = await world.push({ seconds: 3 });
    await poolsOf(1);
    await fault('stall-clean', '300');
    await commented(world, pushed);
    const { pid, slot } = await stalledRun('clean');

    await killAndRestart();
    const left = await pools();
    await allIsClean();

    expect(left).toHaveLength(1);
    await expect(access(`/proc/${pid}`)).rejects.toThrow('ENOENT');
    expect(await runsOf('clean')).not.toContain(`end clean ${pid} ${slot}`);
  });

  test('prepares again when sidegate is killed while it prepares, and the change gets its vote', async () => {
    await fault('stall-prepare', '300');
    const pushed = await world.push({});
    const { pid } = await stalledRun('prepare');

    await killAndRestart();
    const view = await commented(world, pushed);

    expect([view.verified, view.comments.length]).toEqual([1, 1]);
    expect(await attemptsOf(pushed)).toHaveLength(1);
    await expect(access(`/proc/${pid}`)).rejects.toThrow('ENOENT');
    await allIsClean();
  });

  test('cleans a slot once though that takes longer than a claim and two processes look; others are cleaned meanwhile', async () => {
    const second = await world.startSidegate();
    const pushed = await world.push({ seconds: 3 });
    await poolsOf(1);
    await fault('stall-clean', '22');
    await commented(world, pushed);
    const { pid, slot } = await stalledRun('clean');

    const other = await commented(world, await world.push({}));
    await until(
      () => rowsOf(`select prefix from slots where state = 'free'`),
      ({ length }) => length === 1,
    );
    const meanwhile = await runsOf('clean');
    await allIsClean();
    await second.stop();
    const runs = await runsOf('clean');

    const [begin, end] = ['begin', 'end'].map((word) => runs.indexOf(`${word} clean ${pid} ${slot}`));
    const others = runs.slice(begin! + 1, end);
    expect([other.verified, meanwhile.includes(runs[end!]!)]).toEqual([1, false]);
    expect(others.filter((line) => line.endsWith(slot))).toEqual([]);
    expect(others.filter((line) => line.startsWith('end'))).not.toEqual([]);
  });
});
