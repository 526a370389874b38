import { readFileSync } from 'node:fs';
import type { Client } from 'ssh2';
import { SidegateError } from '../../domain/errors.ts';
import type { RemoteJob } from '../../ports/remote-jobs.ts';
import { openChannel } from './connection.ts';
import { killJob, shellQuote } from './payload.ts';

const script = `${killJob}\n${readFileSync(new URL('./stop-job.sh', import.meta.url), 'utf8')}`;

/** Ends the job on the server with every process it has. See `stop-job.sh`. */
export async function stopJob(client: Client, { epoch, id }: Pick<RemoteJob, 'id' | 'epoch'>): Promise<void> {
  const args = [id, epoch].map((arg) => shellQuote(String(arg))).join(' ');
  const channel = await openChannel(
    client,
    `exec sh -c ${shellQuote(script)} sidegate ${args} </dev/null >/dev/null 2>&1`,
  );
  await new Promise<void>((resolve, reject) => {
    let hasEnded = false;
    channel.on('exit', () => {
      hasEnded = true;
    });
    channel.on('close', () => {
      if (hasEnded) resolve();
      else reject(new SidegateError('ssh-unreachable', 'the connection broke while the job was stopped'));
    });
    channel.on('error', () => channel.destroy());
    channel.resume();
    channel.stderr.resume();
  });
}
