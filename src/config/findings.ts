import type { YamlFile } from './yaml-file.ts';
import { ConfigurationError, pathText } from './problem.ts';
import type { Path, Problem } from './problem.ts';

/** Where in which file something is wrong. */
export interface Place {
  readonly source: YamlFile;
  readonly path: Path;
}

/** Collects problems, so that all are told at once instead of one per start. */
export class Findings {
  readonly #problems: Problem[] = [];

  error(place: Place, what: string, todo = ''): void {
    this.#add('error', place, { what, todo });
  }

  warning(place: Place, what: string, todo = ''): void {
    this.#add('warning', place, { what, todo });
  }

  /** Takes over what was found by reading a file. */
  addAll(problems: readonly Problem[]): void {
    this.#problems.push(...problems);
  }

  get failed(): boolean {
    return this.#problems.some((problem) => problem.level === 'error');
  }

  /** Throws when there is at least one error; gives the warnings otherwise. */
  warningsOrThrow(): readonly Problem[] {
    const sorted = this.#problems.toSorted((a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0));
    if (this.failed) throw new ConfigurationError(sorted);
    return sorted;
  }

  #add(level: Problem['level'], place: Place, text: { what: string; todo: string }): void {
    const position = place.source.position(place.path);
    const path = pathText(place.path);
    this.#problems.push({
      level,
      file: place.source.file,
      path,
      line: position?.line,
      column: position?.column,
      ...text,
    });
  }
}

/** The same file, one step deeper. */
export function below(place: Place, ...steps: Path): Place {
  return { source: place.source, path: [...place.path, ...steps] };
}
