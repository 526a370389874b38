import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Counts what jobs on test servers tell about themselves, from outside of sidegate. */
export interface Recorder {
  readonly url: string;
  /** How often the job of each build was started. */
  readonly starts: Map<string, number>;
  close(): Promise<void>;
}

export async function startRecorder(): Promise<Recorder> {
  const starts = new Map<string, number>();
  const server = createServer((request, response) => {
    const [, , build = ''] = (request.url ?? '').split('/');
    starts.set(build, (starts.get(build) ?? 0) + 1);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    starts,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
