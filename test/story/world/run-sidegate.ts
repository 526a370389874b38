import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { World } from './world.ts';

export interface Ran {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** `sidegate WORDS…` as an operator runs it, with the world's configuration and database. */
export function runSidegate({ config, database }: World, ...words: readonly string[]): Promise<Ran> {
  const args = [join(import.meta.dirname, '../../../src/main.ts'), ...words, '--config', config];
  const env = { ...process.env, DATABASE_URL: database.url };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env }, (_, output, errors) =>
      resolve({ status: child.exitCode ?? -1, output, errors }),
    );
  });
}

/** What it prints when it does what it is asked for; throws what it complains of else. */
export async function askSidegate(world: World, ...words: readonly string[]): Promise<string> {
  const { errors, output, status } = await runSidegate(world, ...words);
  if (status !== 0) throw new Error(`sidegate ${words.join(' ')} ended with ${status}: ${errors}`);
  return output;
}
