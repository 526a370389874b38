import { errorText } from '../domain/errors.ts';
import type { GuardCall } from '../domain/guard/call.ts';
import { traceLine } from '../domain/guard/trace-line.ts';
import { feilongCallsFile, feilongTraceFile } from '../domain/log-path.ts';
import type { GuardTrace } from '../ports/guard.ts';
import type { GuardedSlot } from '../ports/slot-store.ts';
import type { Flow } from './context.ts';

/** A worker may call as often as it likes; the disk is ours. */
const maxTrace = 32 * 1024 * 1024;

export interface CallTrace extends GuardTrace {
  /** Resolves when all so far is in the archive. */
  flush(): Promise<void>;
}

/** Publishes each call of a worker beside its console: as a line for people, and as JSON, from which the build's evidence is drawn. */
export async function createCallTrace(flow: Flow, { logPath }: GuardedSlot): Promise<CallTrace> {
  const text = await appender(flow, `${logPath}${feilongTraceFile}`);
  const json = await appender(flow, `${logPath}${feilongCallsFile}`);
  return {
    add: (call: GuardCall) => {
      text.append(`${traceLine(call)}\n`);
      json.append(`${JSON.stringify(call)}\n`);
    },
    flush: async () => {
      await text.written();
      await json.written();
    },
  };
}

/** Writes one after the other, and goes on where an earlier process ended. */
async function appender({ archive, logger }: Flow, path: string) {
  let offset = await archive.size(path);
  let waiting = '';
  let writing: Promise<void> | undefined;
  const write = async () => {
    while (waiting !== '') {
      const bytes = Buffer.from(waiting);
      waiting = '';
      await archive.writeAt(path, offset, bytes);
      offset += bytes.length;
    }
  };
  const start = () => {
    writing ??= write()
      .catch((error: unknown) => logger.warn({ path, err: errorText(error) }, 'calls could not be published'))
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };
  return {
    append: (line: string) => {
      if (offset + waiting.length + line.length > maxTrace) return;
      waiting += line;
      void start();
    },
    written: async () => {
      await start();
      await archive.finish(path, 'write');
    },
  };
}
