import { SidegateError } from '../../domain/errors.ts';

/** Projects of one query: keeps its URL well below the 8 KiB some proxies allow. */
export const projectsPerQuery = 25;

/** Gerrit's search words for changes of these projects (exact names, or patterns with `*`) updated at or after `since`. */
export function changesQuery(projects: readonly string[], since: number): string {
  const after = new Date(since).toISOString().slice(0, 19).replace('T', ' ');
  return `(${projects.map(projectTerm).join(' OR ')}) after:"${after} +0000"`;
}

/** May find more than the pattern means: callers who care match the rows against it. */
export function projectTerm(pattern: string): string {
  // These have a meaning inside quotes or braces, and Gerrit allows none of them in a project's name.
  if (/["\\{}^\p{Cc}]/u.test(pattern))
    throw new SidegateError('gerrit-refused', `The project ${JSON.stringify(pattern)} cannot be searched for.`);
  const star = pattern.indexOf('*');
  if (star < 0) return `project:"${pattern}"`;
  if (star > 0) return `projects:"${pattern.slice(0, star)}"`;
  return `project:"^${pattern.replace(/[^\w/-]/g, (character) => (character === '*' ? '.*' : `[${character}]`))}"`;
}
