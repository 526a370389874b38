import { errorText } from '../domain/errors.ts';
import { createProgressReader } from '../domain/test-progress.ts';
import type { TestProgress } from '../domain/test-progress.ts';
import { lookRepeatedly } from '../shared/look-repeatedly.ts';
import type { BuildContext } from './run-build.ts';
import { scanPlain } from './scan-log.ts';

/** What is written meanwhile is counted together (ms). */
const pause = 3000;

/** Counts tests in a console that grows. */
export interface TestFollower {
  /** There is more. */
  grew(): void;
  /** Counts the rest; undefined: the console shows no tests. */
  end(): Promise<TestProgress | undefined>;
}

/**
 * Follows the tests of a job by its console in the archive, and keeps how far they are with the build: numbers and the last failures. A process
 * that begins anew begins at the start of the console: it counts the same. A gap here is none in the results, which are read from the artifacts.
 */
export function followTests({ build, flow, lease }: BuildContext, name: string): TestFollower {
  const reader = createProgressReader();
  const path = build.logPath + name;
  let offset = 0;
  let saved: TestProgress | undefined;
  const look = async () => {
    offset = await scanPlain(flow.archive, path, offset, reader);
    const { progress } = reader;
    if (progress === undefined || progress === saved) return;
    await flow.store.saveTestProgress(lease, progress, progress.failed !== saved?.failed);
    saved = progress;
  };
  const onError = (error: unknown) => {
    flow.logger.debug({ build: build.id, err: errorText(error) }, 'the progress of the tests was not kept');
  };
  const looks = lookRepeatedly(look, { pause, onError });
  return {
    grew: () => looks.soon(),
    end: async () => {
      await looks.stop();
      await look().catch(onError);
      return reader.progress;
    },
  };
}
