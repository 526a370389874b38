import { runSidegate } from './run-sidegate.ts';
import type { World } from './world.ts';

/** What `sidegate doctor` says, whatever it finds. */
export async function runDoctor(world: World, ...options: readonly string[]): Promise<string> {
  const { errors, output } = await runSidegate(world, 'doctor', ...options);
  return output + errors;
}
