import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { loadConfiguration } from '../config/load.ts';
import { SidegateError } from '../domain/errors.ts';
import { wantedEvents } from '../domain/wanted-events.ts';
import { createGerritReview } from '../adapters/gerrit/create-gerrit-review.ts';
import { gerritAccess } from '../neighbours.ts';

/** `sidegate record FILE`: Gerrit's stream as it comes, line by line, until Ctrl-C or the stream ends. */
export async function record(file: string, options: { config: string; gerrit?: string }): Promise<void> {
  const { gerrit, settings } = await loadConfiguration(options.config, process.env);
  const connection = options.gerrit === undefined ? gerrit[0] : gerrit.find(({ name }) => name === options.gerrit);
  if (!connection) throw new SidegateError('not-found', `Gerrit connection ${options.gerrit} is not configured.`);
  const out = createWriteStream(file, { flags: 'a', mode: 0o600 });
  await once(out, 'open').catch((error: unknown) => {
    throw new SidegateError('not-found', `${file}: ${String(error)}`, { cause: error });
  });
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  let lines = 0;
  const onLine = (line: string) => {
    lines += 1;
    out.write(`${line}\n`);
  };
  const types = wantedEvents(settings.pipelines);
  const { ended } = await createGerritReview(gerritAccess(connection)).openStream({
    onLine,
    types,
    signal: stop.signal,
  });
  console.log(`Records ${connection.name} to ${file}. Ctrl-C ends it.`);
  const { reason } = await ended;
  await new Promise<void>((resolve) => out.end(() => resolve()));
  console.log(`${lines} events recorded: ${reason}.`);
}
