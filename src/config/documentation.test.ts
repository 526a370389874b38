import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { causeRules, causes } from '../domain/cause.ts';
import { supersedeRules } from '../domain/supersede.ts';
import { rootSchema } from './schema/root.ts';

/** All keys of an object schema and of those within. */
function keysOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return keysOf(schema.unwrap());
  if (schema instanceof z.ZodArray) return keysOf(schema.element);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, unknown>).flatMap(([key, value]) => [key, ...keysOf(value)]);
}

test.each(['docs/configure.md'])('%s tells every key', async (file) => {
  const text = await readFile(join(import.meta.dirname, '..', '..', file), 'utf8');

  const untold = keysOf(rootSchema).filter((key) => !new RegExp(`[\`.{ ]${key}[\`:.\\[]`).test(text));

  expect(untold).toEqual([]);
});

test('the table in docs/triggers.md is the one that is used', async () => {
  const ends = { none: 'nothing', 'older-patchsets': 'older patchsets', change: 'the change' } as const;
  const text = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'triggers.md'), 'utf8');
  const [, table = ''] = /\| what happens .*\n\|[-|]+\n((?:\|.*\n)+)/.exec(text) ?? [];

  const rows = Object.entries(supersedeRules).map(
    ([occasion, { ends: what, queuedOrRunning, withResult, stopped, ofOlderPatchset }]) =>
      `| \`${occasion}\` | ${ends[what]} | ${queuedOrRunning} | ${withResult} | ${stopped} | ${ofOlderPatchset} |`,
  );

  expect(table.trim().split('\n')).toEqual(rows);
});

test('the table in docs/verdicts.md is the one that is used', async () => {
  const yes = (is: boolean) => (is ? 'yes' : 'no');
  const text = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'verdicts.md'), 'utf8');
  const [, table = ''] = /\| cause .*\n\|[-|]+\n((?:\|.*\n)+)/.exec(text) ?? [];

  const rows = causes.map((cause) => {
    const { explainsTests, notice, result, retry, vote, what } = causeRules[cause];
    return `| \`${cause}\` | ${what} | ${result} | ${yes(retry)} | ${vote} | ${yes(notice)} | ${yes(explainsTests)} |`;
  });

  expect(table.trim().split('\n')).toEqual(rows);
});
