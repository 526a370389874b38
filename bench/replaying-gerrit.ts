import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';
import type { ServerChannel } from 'ssh2';
import { generateSshKey } from '../src/shared/generate-ssh-key.ts';

const samples = new URL('../test/fixtures/gerrit-client/stream-events.jsonl', import.meta.url);
/** What sidegate asks for; a real Gerrit sends nothing else. */
const types = ['patchset-created', 'comment-added', 'change-abandoned', 'change-merged'];

/** The least a Gerrit needs to have its events heard: the stream over SSH, and over REST that nothing was missed. */
export interface ReplayingGerrit {
  readonly url: string;
  readonly sshPort: number;
  readonly hostKey: string;
  /**
   * Sends so many events as fast as the listener's window takes them, about changes that were not among the first `before`. Resolves when the
   * last one was handed over.
   */
  replay(count: number, before: number): Promise<void>;
  close(): void;
}

export async function startReplayingGerrit(): Promise<ReplayingGerrit> {
  const key = generateSshKey('bench');
  const rest = createServer((_request, response) => response.end(`)]}'\n[]\n`));
  rest.listen(0, '127.0.0.1');
  let stream: ServerChannel | undefined;
  const ssh = new ssh2.Server({ hostKeys: [key.privateKey] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        if (command.startsWith('gerrit stream-events')) stream = channel;
        else answerVersion(channel);
      });
    });
  });
  ssh.listen(0, '127.0.0.1');
  await Promise.all([once(rest, 'listening'), once(ssh, 'listening')]);
  return {
    url: `http://127.0.0.1:${(rest.address() as AddressInfo).port}`,
    sshPort: (ssh.address() as AddressInfo).port,
    hostKey: key.publicKey,
    replay: async (count, before) => {
      if (!stream) throw new Error('nobody listens');
      for (const line of recordedEvents(count, before)) if (!stream.write(line)) await once(stream, 'drain');
    },
    close: () => {
      rest.close();
      ssh.close();
    },
  };
}

function answerVersion(channel: ServerChannel): void {
  channel.write('gerrit version 3.13.5\n');
  channel.exit(0);
  channel.end();
}

interface Sample {
  readonly type: string;
  readonly change: { number: number; id: string };
  patchSet?: { createdOn?: number };
  eventCreatedOn: number;
}

/** Recorded events over and over, each time about other changes, as if they happened now. */
function* recordedEvents(count: number, before: number): Generator<string> {
  const recorded = readFileSync(samples, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Sample)
    .filter(({ type }) => types.includes(type));
  const now = Math.floor(Date.now() / 1000);
  for (let n = 0; n < count; n += 1) {
    const event = structuredClone(recorded[n % recorded.length]!);
    event.change.number = 1_000_000 + before + n;
    event.eventCreatedOn = now;
    if (event.patchSet) event.patchSet.createdOn = now;
    yield `${JSON.stringify(event)}\n`;
  }
}
