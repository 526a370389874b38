import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

interface Entry {
  readonly name: string;
  readonly size?: number;
  readonly children?: readonly Entry[];
}

export type Sizes = Readonly<Record<string, number>>;

/** What the manifest of a log folder tells, and what lies there beside it: path to size. */
export async function manifestAndFiles(folder: string): Promise<{ readonly told: Sizes; readonly there: Sizes }> {
  const { tree } = JSON.parse(await readFile(join(folder, 'zuul-manifest.json'), 'utf8')) as { tree: readonly Entry[] };
  const names = await readdir(folder, { recursive: true });
  const files = await Promise.all(names.map(async (name) => ({ name, stats: await stat(join(folder, name)) })));
  const there = files.filter(({ name, stats }) => stats.isFile() && name !== 'zuul-manifest.json');
  return {
    told: Object.fromEntries(pathsIn(tree, '')),
    there: Object.fromEntries(there.map(({ name, stats }) => [name, stats.size])),
  };
}

function pathsIn(entries: readonly Entry[], folder: string): readonly [string, number][] {
  return entries.flatMap(({ children, name, size = -1 }): readonly [string, number][] =>
    children ? pathsIn(children, `${folder}${name}/`) : [[folder + name, size]],
  );
}
