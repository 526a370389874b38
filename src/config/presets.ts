import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Exclusion } from '../domain/exclusion.ts';

/** Tests that a kind of back end cannot pass, by the name of the preset. They come with sidegate. */
export type Presets = ReadonlyMap<string, readonly Exclusion[]>;

const presetSchema = z.array(
  z.strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    regex: z.string().regex(/^[^\s#]+$/),
    reason: z.string().regex(/^[^\n#]+$/),
    until: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/)
      .optional(),
    /** Tests of the real tempest that it matches, and does not. */
    examples: z.strictObject({ match: z.array(z.string()).min(1), other: z.array(z.string()).min(1) }),
  }),
);

export type PresetEntry = z.infer<typeof presetSchema>[number];

const folder = fileURLToPath(new URL('../../jobs/zvm-devstack-tempest/presets/', import.meta.url));

export async function readPresets(): Promise<Presets> {
  const entries = await readPresetEntries();
  return new Map(
    [...entries].map(([name, list]) => [
      name,
      list.map(({ id, reason, regex, until }) => ({ id, until, regex, reason })),
    ]),
  );
}

/** With their examples. */
export async function readPresetEntries(): Promise<ReadonlyMap<string, readonly PresetEntry[]>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).toSorted();
  const read = files.map(async (file) => {
    const content: unknown = parse(await readFile(join(folder, file), 'utf8'));
    return [file.slice(0, -'.yaml'.length), presetSchema.parse(content)] as const;
  });
  return new Map(await Promise.all(read));
}
