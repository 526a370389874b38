import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPresetEntries } from '../../src/config/presets.ts';
import { isLab } from './stage.ts';

const run = promisify(execFile);
const presets = await readPresetEntries();
const entries = [...presets].flatMap(([preset, list]) => list.map((entry) => ({ preset, ...entry })));

describe.skipIf(!isLab)('presets of the shipped job, by the tests of the real tempest', () => {
  let folder: string;
  let all: readonly string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tempest-presets-'));
    await run('tempest', ['init', 'workspace'], { cwd: folder, env: { ...process.env, HOME: folder } });
    all = await listTests();
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Without the tags. */
  async function listTests(...options: readonly string[]): Promise<readonly string[]> {
    const { stdout } = await run('tempest', ['run', '--list-tests', ...options], {
      cwd: join(folder, 'workspace'),
      env: { ...process.env, HOME: folder },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.split('\n').flatMap((line) => /^(tempest\.[\w.]+)/.exec(line)?.[1] ?? []);
  }

  test.each(entries)(
    '$preset: $id leaves out its examples and no other feature',
    async ({ examples, regex }) => {
      await writeFile(join(folder, 'exclude'), `${regex}\n`);

      const left = new Set(await listTests('--exclude-list', join(folder, 'exclude')));

      expect(all.length).toBeGreaterThan(1000);
      expect(left.size).toBeLessThan(all.length);
      expect([...examples.match, ...examples.other].filter((id) => !all.includes(id))).toEqual([]);
      expect(examples.match.filter((id) => left.has(id))).toEqual([]);
      expect(examples.other.filter((id) => !left.has(id))).toEqual([]);
    },
    300_000,
  );

  test('what is left of the compute API is most of it', async () => {
    await writeFile(join(folder, 'exclude'), entries.map(({ regex }) => `${regex}\n`).join(''));
    const servers = ['--regex', String.raw`^tempest\.api\.compute\.servers\.`];

    const [selected, left] = [
      await listTests(...servers),
      await listTests(...servers, '--exclude-list', join(folder, 'exclude')),
    ];

    expect(left.length / selected.length).toBeGreaterThan(0.6);
    expect(left.length / selected.length).toBeLessThan(0.95);
  }, 300_000);
});
