import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came. */
  readonly text: string;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RecordingFeilong {
  readonly url: string;
  readonly calls: readonly RecordedCall[];
  close(): Promise<void>;
}

/** An answer of Feilong's shape. */
export function envelope(overallRC: number, output: unknown = '', more: object = {}): object {
  return { overallRC, modID: overallRC === 0 ? null : 120, rc: overallRC, rs: 0, errmsg: '', output, ...more };
}

export const ok: Reply = { status: 200, body: envelope(0) };

/** A server in Feilong's place that keeps what reaches it, and answers as it is told. */
export async function startRecordingFeilong(
  reply: (call: RecordedCall) => Reply | Promise<Reply>,
  tls?: { readonly certificate: string; readonly key: string },
): Promise<RecordingFeilong> {
  const calls: RecordedCall[] = [];
  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    void (async () => {
      const { method = '', url: path = '', headers } = request;
      const call = { method, path, headers, text: await readText(request) };
      calls.push(call);
      const { status, body, headers: more } = await reply(call);
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...more }).end(text);
    })();
  };
  const server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    calls,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
