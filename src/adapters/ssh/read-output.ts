import { PassThrough } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { openChannel } from './connection.ts';

/** What several commands may take together. */
export interface Budget {
  /** When it is over (ms since the epoch). */
  readonly until: number;
  /** Bytes of output left. */
  bytes: number;
}

export interface RemoteCommand {
  readonly command: string;
  /** Its standard input; none: empty. */
  readonly input?: string | Buffer;
  readonly budget: Budget;
}

/**
 * Hands the standard output of a command to `read` and answers its exit status; undefined where `read` answers that it wants no more. Throws
 * where the connection breaks, which would otherwise look like the end, and where the budget is spent.
 */
export async function readOutput(
  client: Client,
  { budget, command, input }: RemoteCommand,
  read: (output: PassThrough) => Promise<boolean>,
): Promise<number | undefined> {
  const channel = await openChannel(client, command);
  const output = new PassThrough();
  const timer = setTimeout(
    () => output.destroy(new Error('it takes too long')),
    Math.max(0, budget.until - Date.now()),
  );
  try {
    const status = connect(channel, output, budget);
    channel.end(input ?? '');
    return (await read(output)) ? await status : undefined;
  } finally {
    clearTimeout(timer);
    output.destroy();
    channel.destroy();
  }
}

/** Resolves with the exit status when the output has come to its end. */
function connect(channel: ClientChannel, output: PassThrough, budget: Budget): Promise<number> {
  channel.stderr.resume();
  channel.on('data', (chunk: Buffer) => {
    budget.bytes -= chunk.length;
    if (budget.bytes < 0) output.destroy(new Error('it is too much'));
  });
  channel.on('error', (error: Error) => output.destroy(error));
  channel.pipe(output, { end: false });
  const status = new Promise<number>((resolve, reject) => {
    output.on('error', reject);
    // Not `exit`: that may have come before anybody listens.
    channel.on('close', (code?: number | null) => {
      if (typeof code === 'number') {
        resolve(code);
        output.end();
      } else {
        output.destroy(new Error('the connection broke'));
      }
    });
  });
  // Whoever reads may have failed first, and said so.
  status.catch(() => {});
  return status;
}
