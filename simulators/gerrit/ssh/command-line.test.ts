import { expect, test } from 'vitest';
import { parseOptions, splitCommandLine } from './command-line.ts';

test.each([
  ['gerrit review 9,2 -m x', ['gerrit', 'review', '9,2', '-m', 'x']],
  [`-m '"quoted twice"'`, ['-m', '"quoted twice"']],
  [`-m "it's a multi\nline msg"`, ['-m', "it's a multi\nline msg"]],
  [String.raw`a\ b 'c\d' "e\"f"`, ['a b', String.raw`c\d`, 'e"f']],
  [`"never closed`, ['never closed']],
  ['  \t ', []],
])('splits as Gerrit does: %j', (line, words) => {
  expect(splitCommandLine(line)).toEqual(words);
});

test('takes options in every spelling and leaves the rest', () => {
  const spec = { names: { '--format': 'format', '-s': 'type', '--json': 'json' }, flags: new Set(['json']) };

  const { operands, options } = parseOptions(['--format=JSON', 'a', '-s', 'x', '--json', '-s', 'y', '--', '-z'], spec);

  expect(operands).toEqual(['a', '-z']);
  expect(Object.fromEntries(options)).toEqual({ format: ['JSON'], type: ['x', 'y'], json: ['true'] });
});
