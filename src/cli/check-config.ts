import { loadConfiguration } from '../config/load.ts';
import type { Environment } from '../config/context.ts';
import { ConfigurationError, problemText } from '../config/problem.ts';
import type { Problem } from '../config/problem.ts';

/** `sidegate check-config`: tells every problem of the file; 0 when sidegate would start with it, 1 otherwise. */
export async function checkConfig(path: string, env: Environment = process.env): Promise<number> {
  const { problems, good } = await problemsOf(path, env);
  for (const problem of problems) console.log(problemText(problem));
  const errors = problems.filter((problem) => problem.level === 'error').length;
  const warnings = problems.length - errors;
  console.log(
    `${path}: ${good ? 'good' : counted(errors, 'error')}${warnings > 0 ? `, ${counted(warnings, 'warning')}` : ''}`,
  );
  return good ? 0 : 1;
}

async function problemsOf(path: string, env: Environment): Promise<{ problems: readonly Problem[]; good: boolean }> {
  try {
    const { warnings } = await loadConfiguration(path, env);
    return { problems: warnings, good: true };
  } catch (error) {
    if (error instanceof ConfigurationError) return { problems: error.problems, good: false };
    throw error;
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
