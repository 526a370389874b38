import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SignatureMatcher } from '../domain/signatures/match-log.ts';
import { causes } from '../domain/cause.ts';
import { Findings } from './findings.ts';
import { ConfigurationError, problemText } from './problem.ts';
import { readParts } from './sections.ts';
import { readSignatures, shippedSignatures } from './signatures.ts';
import { parseYamlFile } from './yaml-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signatures-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, string>>, into = 'own'): Promise<void> {
  await mkdir(join(folder, into), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, into, name), text);
}

/** The signatures by a configuration with these folders, or every problem. */
async function read(paths: readonly string[]) {
  const findings = new Findings();
  const file = join(folder, 'sidegate.yaml');
  const parts = readParts(parseYamlFile(file, JSON.stringify({ signatures: paths })).yaml, new Findings());
  const signatures = await readSignatures(parts, { folder, env: {}, findings });
  try {
    findings.warningsOrThrow();
    return { signatures, problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { signatures, problems: error.problems.map(problemText) };
  }
}

const good = 'title: t\ncause: mirror\nlogs: [job-output.txt]\nany: [x]\n';

describe('the shipped signatures', () => {
  test('are right, and each has lines that it finds and lines that it does not find', async () => {
    const { signatures, problems } = await read([]);
    const names = await readdir(shippedSignatures);
    const texts = await Promise.all(names.map((name) => readFile(join(shippedSignatures, name), 'utf8')));
    const contents = texts.map(
      (text, index) =>
        parseYamlFile(names[index]!, text).yaml.content as { examples: { match: string[]; other: string[] } },
    );

    // Examples that do not behave are problems.
    expect(problems).toEqual([]);
    expect(signatures.map(({ id }) => `${id}.yaml`)).toEqual(names.toSorted());
    expect(contents.filter(({ examples }) => examples.match.length === 0 || examples.other.length === 0)).toEqual([]);
    expect(signatures.length).toBeGreaterThan(15);
  });
});

test('the shipped signatures take no blame from the driver that broke every boot, and find nothing in a real run', async () => {
  const { signatures } = await read([]);
  const matcher = new SignatureMatcher(signatures);
  const logs = ['job-output.txt', 'controller/logs/tempest_log.txt', 'controller/logs/screen-n-cpu.txt'];
  const samples = ['zvm-patch1-a.subunit', 'tempest-run1.subunit'];

  const found = [];
  for (const sample of samples)
    for (const name of logs) {
      const log = matcher.open(name);
      log?.push(await readFile(new URL(`../../test/fixtures/subunit/${sample}`, import.meta.url)));
      found.push(...(log?.end() ?? []).map(({ signature }) => `${sample} ${name} ${signature}`));
    }

  expect(found).toEqual([]);
});

describe('signatures of the operator', () => {
  test('are added to the shipped ones, and take the place of those with the same id', async () => {
    await write({ 'mine.yaml': `id: mine\n${good}`, 'git-fetch.yml': `id: git-fetch\n${good}`, 'notes.txt': 'no' });
    const { signatures, problems } = await read(['own']);

    expect(problems).toEqual([]);
    expect(signatures.find(({ id }) => id === 'mine')).toMatchObject({ cause: 'mirror', all: [], retry: undefined });
    expect(signatures.filter(({ id }) => id === 'git-fetch')).toMatchObject([{ title: 't' }]);
  });

  test('tell all their mistakes at once, with file, line and key', async () => {
    await write({
      'a.yaml': 'id: a\ntitle: t\ncause: weather\nlogs: []\nany: ["(x"]\npattern: [y]\n',
      'b.yaml': `id: c\n${good}`,
      'd.yaml': 'id: d\ntitle: t\ncause: mirror\nlogs: [x]\n',
      'e.yaml': `id: e\n${good}examples:\n  match: ['y']\n  other: ['axb']\n`,
      'f.yaml': 'id: [\n',
      'g.yaml': `id: g\n${good}bug: mail me\nretry: maybe\ntests: []\n`,
      'h.yaml': `id: h\ntitle: t\ncause: mirror\nlogs: [x]\nall: ['((a{90}){90}){90}', '(?=x)y', '.*']\n`,
    });
    await write({ 'e.yaml': `id: e\n${good}` }, 'more');
    const { problems } = await read(['own', 'more', 'none']);

    expect(problems).toEqual([
      expect.stringMatching(/^e\.yaml:1:1: error: id: .*own\/e\.yaml has the same one/),
      expect.stringMatching(/^a\.yaml:3:1: error: cause: must be one of .*mirror.*It is: what a build failed of/),
      expect.stringMatching(/^a\.yaml:4:1: error: logs: is empty/),
      expect.stringMatching(/^a\.yaml:5:7: error: any\[0\]: has a `\(` without its `\)`/),
      expect.stringMatching(/^a\.yaml:6:1: error: pattern: unknown key/),
      'b.yaml:1:1: error: id: is c, but the file is called b.',
      expect.stringMatching(/^d\.yaml:1:1: error: has no pattern/),
      'e.yaml:7:11: error: examples.match[0]: does not match, and must.',
      'e.yaml:8:11: error: examples.other[0]: matches, and must not.',
      expect.stringMatching(/^f\.yaml:2:1: error: /),
      expect.stringMatching(/^g\.yaml:6:1: error: bug: must be an address/),
      expect.stringMatching(/^g\.yaml:7:1: error: retry: must be true or false/),
      expect.stringMatching(/^g\.yaml:8:1: error: tests: is empty/),
      expect.stringMatching(/^h\.yaml:5:7: error: all\[0\]: is too large/),
      expect.stringMatching(/^h\.yaml:5:28: error: all\[1\]: has a group/),
      expect.stringMatching(/^h\.yaml:5:38: error: all\[2\]: matches every line/),
      expect.stringMatching(/^sidegate\.yaml:\d+:\d+: error: signatures\[2\]: .*none cannot be read \(ENOENT\)/),
    ]);
  });

  test('name no cause that logs cannot show', async () => {
    await write(
      Object.fromEntries(
        causes.map((cause) => [`${cause}.yaml`, `id: ${cause}\ntitle: t\ncause: ${cause}\nlogs: [x]\nany: [x]\n`]),
      ),
    );
    const { problems } = await read(['own']);

    expect(problems.map((text) => text.replace(/\.yaml.*/, '')).toSorted()).toEqual([
      'cancelled',
      'dependencies',
      'job',
      'lab-wide',
      'merge-conflict',
      'service',
      'timeout',
    ]);
  });
});
