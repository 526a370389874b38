import { createWriteStream } from 'node:fs';
import { DeployQueue } from '../adapters/zvm/guard/deploy-queue.ts';
import { FileLedger } from '../adapters/zvm/guard/file-ledger.ts';
import { openGuard } from '../adapters/zvm/guard/open-guard.ts';
import { createFeilongClient } from '../adapters/zvm/client.ts';
import { guestsSchema } from '../adapters/zvm/schema.ts';
import { errorText } from '../domain/errors.ts';
import type { GuardCall } from '../domain/guard/call.ts';
import { EvidenceCollector, neverStartedText } from '../domain/guard/evidence.ts';
import { traceLine } from '../domain/guard/trace-line.ts';
import { ownUserid } from '../domain/guard/userid.ts';
import { oneLine } from '../domain/sanitize.ts';
import { createSender } from '../adapters/zvm/tokens.ts';
import { readGuardOptions } from './guard-options.ts';
import type { GuardCliOptions, GuardOptions } from './guard-options.ts';

/** `sidegate guard`: one guard by itself, until Ctrl-C; then it says what is still there. */
export async function guard(given: GuardCliOptions): Promise<void> {
  const asked = stopAsked(given);
  const options = await readGuardOptions(given);
  const ledger = await FileLedger.open(given.ledger);
  const evidence = new EvidenceCollector();
  const lines = openLines(given.trace);
  const trace = {
    add: (call: GuardCall) => {
      evidence.add(call);
      lines.write(traceLine(call));
    },
  };
  const { prefix, worker, feilong, ca, token, tls, listen, vswitches } = options;
  const opened = await openGuard(
    {
      lease: { name: prefix, prefix, worker, vswitches },
      ledger,
      trace,
      send: createSender({ name: 'Feilong', url: feilong, ca }, token),
      deploys: new DeployQueue(options.deploys),
    },
    { ...listen, tls },
  );
  console.log(`${opened.url} guards ${feilong} for the worker ${worker}: guests ${prefix}…`);
  if (given.ledger === undefined) console.log('Without --ledger nobody knows after a crash which images are whose.');
  await asked;
  console.log('Takes no more calls, and waits for those in flight. Again to end at once.');
  process.once('SIGINT', () => process.exit(130));
  ledger.end();
  await opened.close();
  sayWhatHappened(evidence);
  await sayWhatIsLeft(options, ledger);
  await ledger.close();
  await lines.end();
  // Standard input that a parent holds open keeps the event loop alive.
  process.exit();
}

function stopAsked({ untilStdinCloses }: GuardCliOptions): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    if (untilStdinCloses) process.stdin.resume().once('end', () => resolve());
  });
}

/** Where calls are written to. A file that cannot be written is told, and the guard goes on. */
function openLines(path: string | undefined) {
  if (path === undefined) return { write: (line: string) => console.log(line), end: () => Promise.resolve() };
  const file = createWriteStream(path, { flags: 'a' });
  file.on('error', (error) => console.error(`--trace ${path}: ${errorText(error)}`));
  return {
    write: (line: string) => void file.write(`${line}\n`),
    end: () => new Promise<void>((resolve) => (file.destroyed ? resolve() : file.end(() => resolve()))),
  };
}

function sayWhatHappened(collector: EvidenceCollector): void {
  const evidence = collector.evidence();
  const { calls, created, deployed, started, deleted, refused, failed } = evidence;
  const idle = neverStartedText(evidence);
  console.log(
    `${calls} calls: ${created} guests created, ${deployed} deployed, ${started} started, ${deleted} deleted; ` +
      `${refused} calls refused, ${failed} failed`,
  );
  if (idle !== undefined) console.log(`Deployed and never started: ${idle}`);
}

/** Guests as Feilong says; as the ledger says where Feilong does not. */
async function sayWhatIsLeft({ feilong, prefix, ca, token }: GuardOptions, ledger: FileLedger): Promise<void> {
  const left = ledger.left();
  const images = left.filter(({ kind }) => kind === 'image').map(({ name }) => name);
  if (images.length > 0) console.log(`Images left in Feilong: ${images.join(' ')}`);
  try {
    const client = createFeilongClient({ name: 'Feilong', url: feilong, ca, token });
    const guests = (await client.get('/guests', guestsSchema)).filter((userid) => ownUserid(userid, prefix));
    console.log(guests.length === 0 ? 'No guest is left.' : `Guests left: ${guests.join(' ')}`);
  } catch (error) {
    const guests = left.filter(({ kind }) => kind === 'guest').map(({ name }) => name);
    console.log(`Feilong does not say what is left: ${oneLine(errorText(error), 500)}`);
    console.log(guests.length === 0 ? 'By the ledger none is.' : `By the ledger: ${guests.join(' ')}`);
  }
}
