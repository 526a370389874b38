import { STATUS_CODES } from 'node:http';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { feilongShaped } from './answer.ts';

/** nova opens some dozens at once; a hostile worker must not take the file descriptors of all. */
const maxConnections = 200;
/** Of others than the worker: enough to tell them that they are wrong here, too few to keep the worker out. */
const maxStrangers = 20;

/** Bounds connections, and answers what is no HTTP in Feilong's shape. */
export function watchConnections(server: Server, isWorker: (remote: string | undefined) => boolean): void {
  let workers = 0;
  let strangers = 0;
  server.on('connection', (socket: Socket) => {
    if (isWorker(socket.remoteAddress)) {
      if (workers >= maxConnections) return void socket.destroy();
      workers += 1;
      socket.once('close', () => (workers -= 1));
      return;
    }
    if (strangers >= maxStrangers) return void socket.destroy();
    strangers += 1;
    socket.once('close', () => (strangers -= 1));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    socket.end(rawAnswer(error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400), () => socket.destroy());
  });
}

function rawAnswer(status: number): string {
  const { body } = feilongShaped(status, 'This is no HTTP as a guard takes it.');
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body.toString()}`
  );
}
