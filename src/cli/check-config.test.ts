import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { checkConfig } from './check-config.ts';
import { createWorkspace, minimal } from '../config/testing/workspace.ts';

const root = join(import.meta.dirname, '..', '..');
const printed: string[] = [];
vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
afterEach(() => {
  printed.length = 0;
});

test('the example of examples/ is good, without a warning', async () => {
  await using workspace = await createWorkspace();
  await workspace.write('clouds.yaml', await readFile(join(root, 'examples', 'clouds.yaml'), 'utf8'));
  const file = await workspace.write('sidegate.yaml', await readFile(join(root, 'examples', 'sidegate.yaml'), 'utf8'));

  const status = await checkConfig(file, workspace.env);

  expect(printed).toEqual([`${file}: good`]);
  expect(status).toBe(0);
});

test('every problem is printed, and the status is 1', async () => {
  await using workspace = await createWorkspace();
  const file = await workspace.write(
    'sidegate.yaml',
    minimal.replace('name: Example z/VM CI', 'nme: x').replace('cloud: ci-cloud', 'cloud: x'),
  );

  const status = await checkConfig(file, workspace.env);

  expect(status).toBe(1);
  expect(printed).toHaveLength(4);
  expect(printed.at(-1)).toBe(`${file}: 3 errors`);
});

test('warnings are printed, and the status is 0', async () => {
  await using workspace = await createWorkspace();
  const file = await workspace.write('sidegate.yaml', minimal.replace(/^wiki_url.*\n/m, ''));

  const status = await checkConfig(file, workspace.env);

  expect(status).toBe(0);
  expect(printed.at(-1)).toBe(`${file}: good, 1 warning`);
});
