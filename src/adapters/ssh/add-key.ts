import { readFileSync } from 'node:fs';
import type { Client, ClientChannel } from 'ssh2';
import { SidegateError, errorText } from '../../domain/errors.ts';
import { oneLine } from '../../domain/sanitize.ts';
import { openChannel } from './connection.ts';
import { shellQuote } from './payload.ts';

const script = readFileSync(new URL('./add-key.sh', import.meta.url), 'utf8');
/** A server that stalls must not hold the caller (ms). */
const maxTime = 20_000;
const maxWords = 300;

/** Adds a line to authorized_keys of the user unless it is there, and closes the connection. */
export async function addKey(client: Client, line: string): Promise<void> {
  const timer = setTimeout(() => client.destroy(), maxTime);
  try {
    const channel = await openChannel(client, `exec sh -c ${shellQuote(script)} sidegate ${shellQuote(line)}`);
    channel.end();
    const { status, words } = await endOf(channel);
    if (status !== 0) throw new Error(words === '' ? 'the server did not take it' : words);
  } catch (error) {
    throw new SidegateError('ssh-unreachable', `the key could not be added: ${errorText(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
    client.destroy();
  }
}

function endOf(channel: ClientChannel): Promise<{ status: number | undefined; words: string }> {
  let words = '';
  channel.resume();
  channel.stderr.on('data', (chunk: Buffer) => {
    if (words.length < maxWords) words += chunk.toString('utf8');
  });
  channel.on('error', () => channel.destroy());
  return new Promise((resolve) => {
    channel.once('close', (status?: number | null) =>
      resolve({ status: status ?? undefined, words: oneLine(words, maxWords) }),
    );
  });
}
