import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { World } from './world.ts';

/** What `sidegate doctor` says, whatever it finds. */
export function runDoctor(world: World, ...options: readonly string[]): Promise<string> {
  const main = join(import.meta.dirname, '../../../src/main.ts');
  const env = { ...process.env, DATABASE_URL: world.database.url };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'doctor', '--config', world.config, ...options], { env }, (_, output, errors) =>
      resolve(output + errors),
    );
  });
}
