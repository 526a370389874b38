import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Recorded } from './recorded.ts';

export interface ReplayServer extends AsyncDisposable {
  readonly url: string;
  /** `METHOD /path` of every request so far. */
  readonly requests: readonly string[];
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server that gives every request to `answer`. */
export async function startReplayServer(answer: Answer): Promise<ReplayServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Sends a recorded answer as Gerrit does: a prefix before JSON, plain text for errors. */
export function replay(response: ServerResponse, recorded: Recorded): void {
  const error = typeof recorded.body === 'string';
  response.writeHead(recorded.status, {
    'content-type': error ? 'text/plain;charset=utf-8' : 'application/json;charset=utf-8',
  });
  response.end(error ? String(recorded.body) : `)]}'\n${JSON.stringify(recorded.body)}\n`);
}
