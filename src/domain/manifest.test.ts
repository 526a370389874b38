import { expect, test } from 'vitest';
import { zuulManifest } from './manifest.ts';

test('a log folder is described as Zuul’s own role describes it', () => {
  const file = (path: string, size = 1) => ({ path, size, modified: 1_795_000_000_999 });

  const { tree } = zuulManifest([
    file('testr_results.html.gz'),
    file('job-output.txt', 12),
    file('controller/logs/screen-n-cpu.txt'),
    file('controller/a.json'),
    file('__proto__/constructor.__proto__'),
    file('a.tar.xz'),
  ]);

  const entry = (name: string, mimetype: string, encoding: string | null = null, size = 1) => ({
    name,
    mimetype,
    encoding,
    last_modified: 1_795_000_000,
    size,
  });
  const folder = (name: string, children: readonly object[]) => ({
    name,
    mimetype: 'application/directory',
    encoding: null,
    children,
  });
  expect(tree).toEqual([
    folder('__proto__', [entry('constructor.__proto__', 'text/plain')]),
    folder('controller', [
      folder('logs', [entry('screen-n-cpu.txt', 'text/plain')]),
      entry('a.json', 'application/json'),
    ]),
    entry('a.tar.xz', 'application/x-tar', 'xz'),
    entry('job-output.txt', 'text/plain', null, 12),
    entry('testr_results.html.gz', 'text/html', 'gzip'),
  ]);
});
