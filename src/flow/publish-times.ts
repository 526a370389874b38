import { ConsoleTimes, printTimes } from '../domain/console-times.ts';
import { errorText } from '../domain/errors.ts';
import { consoleTimesFile } from '../domain/log-path.ts';
import type { ConsoleMoment } from '../ports/remote-jobs.ts';
import type { BuildContext } from './run-build.ts';

/** So often while the job runs (ms): the file is written anew each time. */
const writeEvery = 30_000;

/**
 * Publishes when each part of the console was written, beside it. The test server tells all of it again to each that attaches, so whoever
 * goes on after a crash writes the whole file.
 */
export function followTimes({ flow, build }: BuildContext) {
  const times = new ConsoleTimes();
  let written = performance.now();
  let writing = Promise.resolve();

  function write(): void {
    written = performance.now();
    const lines = times.times(Date.now());
    if (lines.length === 0) return;
    writing = writing
      .then(() => flow.archive.write(`${build.logPath}${consoleTimesFile}`, printTimes(lines)))
      .catch((error: unknown) => {
        flow.logger.warn({ build: build.id, err: errorText(error) }, 'the times of a console could not be published');
      });
  }

  return {
    note: (moment: ConsoleMoment) => {
      if (moment.kind === 'clock') return times.setClock(moment.uptime, moment.clock);
      times.add(moment.uptime, moment.bytes);
      if (performance.now() - written > writeEvery) write();
    },
    end: async () => {
      write();
      await writing;
    },
  };
}
