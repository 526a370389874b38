import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to a port of 127.0.0.1 on which things go wrong without a word to either end. */
export interface BadNetwork {
  readonly port: number;
  /** Packets vanish. Connections there are, and those made meanwhile, never work again, and are not closed either. */
  drop(): void;
  /** New connections work. */
  mend(): void;
  /** What the port sends is not read: it piles up there. */
  stall(): void;
  flow(): void;
  close(): Promise<void>;
}

interface Link {
  readonly incoming: Socket;
  readonly outgoing: Socket;
  isLost: boolean;
}

export async function startBadNetwork(to: number): Promise<BadNetwork> {
  const links = new Set<Link>();
  const state = { drops: false, stalls: false };
  const server = createServer((incoming) => {
    const link: Link = { incoming, outgoing: connect(to, '127.0.0.1'), isLost: state.drops };
    links.add(link);
    forward(link, 'incoming', 'outgoing', () => false);
    forward(link, 'outgoing', 'incoming', () => state.stalls);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    drop: () => {
      state.drops = true;
      for (const link of links) link.isLost = true;
    },
    mend: () => void (state.drops = false),
    stall: () => {
      state.stalls = true;
      for (const { outgoing } of links) outgoing.pause();
    },
    flow: () => {
      state.stalls = false;
      for (const { outgoing } of links) outgoing.resume();
    },
    close: async () => {
      for (const { incoming, outgoing } of links) {
        incoming.destroy();
        outgoing.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

function forward(
  link: Link,
  from: 'incoming' | 'outgoing',
  to: 'incoming' | 'outgoing',
  isStalled: () => boolean,
): void {
  const source = link[from];
  const target = link[to];
  source.on('data', (chunk: Buffer) => {
    if (link.isLost || target.write(chunk)) return;
    source.pause();
    target.once('drain', () => {
      if (!isStalled()) source.resume();
    });
  });
  source.on('error', () => {});
  source.on('close', () => {
    if (!link.isLost) target.destroy();
  });
}
