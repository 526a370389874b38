import { basename } from 'node:path';
import { SidegateError } from '../domain/errors.ts';

/** One thing wrong in a configuration file. */
export interface Problem {
  /** `warning`: sidegate starts anyway. */
  readonly level: 'error' | 'warning';
  readonly file: string;
  /** `jobs[0].label`; empty: the file as a whole. */
  readonly path: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly what: string;
  /** How to mend it; empty where `what` says it. */
  readonly todo: string;
}

/** Everything that is wrong with the configuration, at once. */
export class ConfigurationError extends SidegateError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('config-invalid', `\n${problems.map(problemText).join('\n')}`);
    this.problems = problems;
  }
}

/** `sidegate.yaml:12:5: error: jobs[0].label: …`, which editors and CI systems can jump to. */
export function problemText(problem: Problem): string {
  const position = problem.line === undefined ? '' : `:${problem.line}:${problem.column ?? 1}`;
  const path = problem.path === '' ? '' : ` ${problem.path}:`;
  const todo = problem.todo === '' ? '' : ` ${problem.todo}`;
  return `${basename(problem.file)}${position}: ${problem.level}:${path} ${problem.what}${todo}`;
}

export type Path = readonly PropertyKey[];

export function pathText(path: Path): string {
  return path.map(stepText).join('').replace(/^\./, '');
}

function stepText(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`;
  const name = String(step);
  return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
