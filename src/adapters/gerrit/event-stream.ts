import type { Client, ClientChannel } from 'ssh2';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { StreamedType } from '../../domain/event.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import type { StreamEnd } from '../../ports/code-review.ts';
import type { Logger } from '../../shared/logger.ts';
import { cleanText } from './clean-text.ts';
import { typesToAskFor } from './event-schema.ts';
import { createLineSplitter, longestLine } from './line-splitter.ts';
import { connectSsh, sshAddress, startCommand } from './ssh-connection.ts';

export interface EventStreamOptions {
  readonly onLine: (line: string) => void;
  /** What to listen for; what is not needed is not sent, and cannot overflow Gerrit's queue. */
  readonly types: readonly StreamedType[];
  readonly signal: AbortSignal;
  readonly logger: Logger | undefined;
}

const notPermitted = /not permitted/i;

/** Opens the stream over a connection of its own. Resolves when Gerrit listens for us. */
export async function openEventStream(
  access: GerritAccess,
  options: EventStreamOptions,
): Promise<{ ended: Promise<StreamEnd> }> {
  const client = await connectSsh(access, options.signal);
  try {
    const types = typesToAskFor(options.types).map((type) => `-s ${type}`);
    const channel = await startCommand(client, `gerrit stream-events ${types.join(' ')}`);
    readLines(channel, options);
    const ended = streamEnd(client, channel, options.signal);
    const early = await Promise.race([ended, commandTurn(client)]);
    if (early)
      throw new SidegateError(
        early.permanent ? 'gerrit-no-stream' : 'gerrit-unreachable',
        `${sshAddress(access)}: ${early.reason}`,
      );
    return { ended };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

function readLines(channel: ClientChannel, { onLine, logger }: EventStreamOptions): void {
  let oversized = 0;
  const splitter = createLineSplitter({
    limit: longestLine,
    onLine,
    onOversize() {
      oversized++;
      logger?.error({ limit: longestLine, oversized }, 'a gigantic line of the event stream was dropped');
      // The event is lost to us as if Gerrit had dropped it: its own word for that starts the backfill.
      onLine('{"type":"dropped-output"}');
    },
  });
  channel.on('data', (chunk: Buffer) => splitter.push(chunk));
}

/** Settles once, however the stream ends, and takes the connection down with it: Gerrit may end the stream and keep the connection. */
function streamEnd(client: Client, channel: ClientChannel, signal: AbortSignal): Promise<StreamEnd> {
  const { promise, resolve } = Promise.withResolvers<StreamEnd>();
  let complaint = '';
  let status: number | undefined;
  const end = (reason: string): void => {
    signal.removeEventListener('abort', abort);
    resolve({ reason, permanent: notPermitted.test(complaint) });
    client.destroy();
  };
  const abort = () => end('closed by sidegate');

  channel.stderr.on('data', (chunk: Buffer) => {
    complaint = cleanText(complaint + chunk.toString('utf8'), 1000);
  });
  channel.on('error', (error: Error) => end(`stream error: ${errorText(error)}`));
  channel.on('exit', (code: number | null) => {
    status = code ?? undefined;
  });
  channel.on('close', () => end(complaint.trim() || `Gerrit closed the stream (exit status ${status ?? 'none'})`));
  client.on('error', (error) => end(`connection lost: ${errorText(error)}`));
  client.on('close', () => end('connection closed'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return promise;
}

/**
 * Gerrit accepts the command before it starts listening for events and before it looks at permissions. The answer to a second
 * command shows that the first one had its turn.
 */
async function commandTurn(client: Client): Promise<void> {
  const channel = await startCommand(client, 'gerrit version');
  const { promise, resolve } = Promise.withResolvers<void>();
  channel.on('error', () => resolve());
  channel.on('close', () => resolve());
  channel.resume();
  channel.stderr.resume();
  await promise;
}
