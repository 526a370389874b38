import type { Html } from './text.ts';
import type { StatusRead } from '../ports/status.ts';

/** A part of a page that is replaced as a whole. It is sent again when `key` changes, not when a shown duration grew. */
export interface Section {
  readonly name: string;
  readonly key: string;
  readonly html: Html;
}

export interface Topic {
  readonly name: string;
  load(): Promise<readonly Section[]>;
}

export interface LiveClient {
  readonly signal: AbortSignal;
  /** Resolves after the next change, after `ms`, or when the client is gone. */
  changed(ms: number): Promise<void>;
  leave(): void;
}

export interface LiveHub {
  /** undefined when there are too many. */
  join(): LiveClient | undefined;
  /** Rendered once for all clients between two changes. */
  sections(topic: Topic): Promise<readonly Section[]>;
  stop(): void;
}

export interface LiveLimits {
  readonly clients: number;
  /** Shortest time between two updates, ms. */
  readonly pause: number;
}

interface Hub {
  version: number;
  readonly clients: Set<LiveClient>;
  readonly wakers: Set<() => void>;
  readonly rendered: Map<string, { readonly at: number; readonly sections: Promise<readonly Section[]> }>;
}

/** A lost notification is made good after so many ms. */
const longestKept = 5000;

/** One subscription to the store, however many pages are open. */
export function createLiveHub(status: StatusRead, limits: LiveLimits): LiveHub {
  const hub: Hub = { version: 0, clients: new Set(), wakers: new Set(), rendered: new Map() };
  const { soon, stop } = coalesce(() => wake(hub), limits.pause);
  const unsubscribe = status.onChange(soon);
  return {
    join: () => (hub.clients.size < limits.clients ? join(hub) : undefined),
    sections: (topic) => sections(hub, topic),
    stop: () => {
      unsubscribe();
      stop();
      for (const client of hub.clients) client.leave();
    },
  };
}

/** Runs at once after a quiet time, later when it ran a moment ago; many calls become one. */
function coalesce(run: () => void, pause: number): { soon: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  const fire = () => {
    timer = undefined;
    last = performance.now();
    run();
  };
  const soon = () => {
    timer ??= setTimeout(fire, Math.max(0, last + pause - performance.now()));
  };
  return { soon, stop: () => clearTimeout(timer) };
}

function wake(hub: Hub): void {
  hub.version += 1;
  hub.rendered.clear();
  for (const waker of hub.wakers) waker();
}

function join(hub: Hub): LiveClient {
  const gone = new AbortController();
  let seen = hub.version;
  const client: LiveClient = {
    signal: gone.signal,
    changed: async (ms) => {
      if (seen === hub.version) await nextWake(hub, ms, gone.signal);
      seen = hub.version;
    },
    leave: () => {
      hub.clients.delete(client);
      gone.abort();
    },
  };
  hub.clients.add(client);
  return client;
}

function nextWake(hub: Hub, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      hub.wakers.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    hub.wakers.add(done);
    signal.addEventListener('abort', done, { once: true });
  });
}

function sections(hub: Hub, topic: Topic): Promise<readonly Section[]> {
  const known = hub.rendered.get(topic.name);
  if (known !== undefined && performance.now() - known.at < longestKept) return known.sections;
  const loaded = topic.load();
  hub.rendered.set(topic.name, { at: performance.now(), sections: loaded });
  loaded.catch(() => hub.rendered.delete(topic.name));
  return loaded;
}
