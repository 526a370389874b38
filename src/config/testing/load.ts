import type { Configuration } from '../configuration.ts';
import { loadConfiguration } from '../load.ts';
import { ConfigurationError, problemText } from '../problem.ts';
import { minimal } from './workspace.ts';
import type { Workspace } from './workspace.ts';

type Variables = Readonly<Record<string, string>>;

export async function loadIn(workspace: Workspace, text: string, env: Variables = {}): Promise<Configuration> {
  return loadConfiguration(await workspace.write('sidegate.yaml', text), { ...workspace.env, ...env });
}

/** What is printed about a file that is wrong. */
export async function problemsIn(workspace: Workspace, text: string, env: Variables = {}): Promise<readonly string[]> {
  try {
    await loadIn(workspace, text, env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(problemText);
    throw error;
  }
  throw new Error('the configuration is good');
}

/** The minimal file with one part replaced; the part must be there. */
export function minimalWith(part: string, replacement: string): string {
  if (!minimal.includes(part)) throw new Error(`the minimal configuration has no ${part}`);
  return minimal.replace(part, replacement);
}
