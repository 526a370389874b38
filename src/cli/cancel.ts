import { findBuildId } from '../adapters/sql/status/build-detail.ts';
import { SidegateError } from '../domain/errors.ts';
import { withState } from './open-state.ts';

/** `sidegate cancel BUILD`. */
export async function cancel(start: string, options: { config: string }): Promise<void> {
  await withState(options.config, async ({ database, store }) => {
    const id = await findBuildId(database.pool, start);
    if (id === undefined)
      throw new SidegateError(
        'not-found',
        `Build ${start}: give its id, or at least seven digits that only one build begins with.`,
      );
    const cancelled = await store.transaction(async (tx) => {
      const done = await tx.cancelBuild(id, 'Cancelled by the operator.');
      const build = await tx.findBuild(id);
      if (done && build) await tx.closeBuildset(build.buildset);
      return done;
    });
    console.log(cancelled ? `Build ${id.slice(0, 7)} is being cancelled.` : `Build ${id.slice(0, 7)} is done already.`);
  });
}
