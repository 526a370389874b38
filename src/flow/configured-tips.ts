import { errorCode } from '../domain/errors.ts';
import type { Pipeline } from '../domain/settings.ts';
import type { BranchTip } from '../domain/tested-ref.ts';
import { matchingEntries } from '../domain/trigger.ts';
import type { CodeReview } from '../ports/code-review.ts';
import type { Flow } from './context.ts';

/** Tips, now, of the branches that some of these pipelines are configured for. One request for each project; patterns name none. */
export async function configuredTips(
  { logger, settings }: Pick<Flow, 'logger' | 'settings'>,
  review: CodeReview,
  pipelines: readonly Pipeline[],
): Promise<readonly BranchTip[]> {
  const names = pipelines.map(({ name }) => name);
  const isFor = (own: Readonly<Record<string, unknown>>) => names.some((name) => Object.hasOwn(own, name));
  const projects = settings.projects
    .filter(
      ({ connection, project, pipelines: own }) => connection === review.name && !project.includes('*') && isFor(own),
    )
    .map(({ project }) => project);
  const tips: BranchTip[] = [];
  for (const project of new Set(projects)) {
    const found = await review.branchTips(project).catch((error: unknown) => {
      if (errorCode(error) !== 'not-found') throw error;
      logger.warn({ gerrit: review.name, project }, 'Gerrit has no such project: none of its branches is tested');
      return [];
    });
    tips.push(...found);
  }
  return tips.filter((tip) => matchingEntries(tip, settings).some((entry) => isFor(entry.pipelines)));
}
