import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { SSEStreamingApi } from 'hono/streaming';
import { consoleFile } from '../domain/log-path.ts';
import { sleep } from '../shared/clock.ts';
import { completeLength, consoleChunks, consoleShown, fromNextLine, skippedMark } from './console-text.ts';
import type { WebDeps } from './deps.ts';
import type { LiveClient, Topic } from './live-hub.ts';
import { parseBuildId, parseOffset } from './query.ts';
import { backendSections } from './views/backends.ts';
import { buildSections } from './views/build.ts';
import { holdSections } from './views/holds.ts';
import { imageSections } from './views/images.ts';
import { statusSections } from './views/status.ts';

/** A silent proxy or browser is noticed this often. */
const heartbeat = 10_000;
/** The console of a running build may grow without a notification. */
const consolePause = 500;
const stalled = 30_000;
const consolePart = 64_000;
const partsAtOnce = 8;

export function addLive(app: Hono, deps: WebDeps): void {
  app.get('/live/status', (c) => follow(c, deps, { topic: statusTopic(deps), build: undefined }));
  app.get('/live/images', (c) => follow(c, deps, { topic: imagesTopic(deps), build: undefined }));
  app.get('/live/holds', (c) => follow(c, deps, { topic: holdsTopic(deps), build: undefined }));
  app.get('/live/backends', (c) => follow(c, deps, { topic: backendsTopic(deps), build: undefined }));
  app.get('/live/build/:id', async (c) => {
    const id = parseBuildId(c.req.param('id'));
    const build = id === undefined ? undefined : await deps.status.build(id);
    if (build === undefined) return c.body(null, 204);
    const offset = parseOffset(c.req.header('Last-Event-ID')) ?? parseOffset(c.req.query('offset')) ?? 0;
    return follow(c, deps, {
      topic: buildTopic(deps, build.id),
      build: { id: build.id, file: build.logPath + consoleFile, offset },
    });
  });
}

interface Followed {
  readonly topic: Topic;
  readonly build: ConsolePlace | undefined;
}

interface ConsolePlace {
  readonly id: string;
  readonly file: string;
  offset: number;
}

/** One open page. */
interface Line {
  readonly stream: SSEStreamingApi;
  readonly client: LiveClient;
  /** Section to the key that was sent last. */
  readonly sent: Map<string, string>;
  lastWrite: number;
}

function statusTopic(deps: WebDeps): Topic {
  return { name: 'status', load: async () => statusSections(await deps.status.overview(), Date.now()) };
}

function imagesTopic(deps: WebDeps): Topic {
  return { name: 'images', load: async () => imageSections(await deps.status.images(), Date.now()) };
}

function holdsTopic(deps: WebDeps): Topic {
  const mayRelease = deps.operator !== undefined;
  return { name: 'holds', load: async () => holdSections(await deps.status.holds(), { mayRelease, now: Date.now() }) };
}

function backendsTopic(deps: WebDeps): Topic {
  const mayChange = deps.operator !== undefined;
  return {
    name: 'backends',
    load: async () => backendSections(await deps.status.backends(), { mayChange, now: Date.now() }),
  };
}

function buildTopic(deps: WebDeps, id: string): Topic {
  return {
    name: `build ${id}`,
    load: async () => {
      const build = await deps.status.build(id);
      return build === undefined ? [] : buildSections(build, Date.now());
    },
  };
}

function follow(c: Context, deps: WebDeps, followed: Followed): Response {
  if (c.req.method === 'HEAD') return c.body(null, 204);
  const client = deps.hub.join();
  if (client === undefined) {
    c.header('Retry-After', '30');
    return c.text('Too many pages are open.\n', 503);
  }
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => client.leave());
    try {
      await serveLine(deps, followed, { stream, client, sent: new Map(), lastWrite: 0 });
    } finally {
      client.leave();
      stream.abort();
    }
  });
}

async function serveLine(deps: WebDeps, followed: Followed, line: Line): Promise<void> {
  await write(line, ': connected\n\n');
  while (!line.client.signal.aborted) {
    try {
      await sendSections(deps, followed.topic, line);
      if (followed.build !== undefined) await sendConsole(deps, followed.build, line);
    } catch (error) {
      deps.log?.warn({ err: error, topic: followed.topic.name }, 'a live page could not be updated');
    }
    await line.client.changed(followed.build === undefined ? heartbeat : consolePause);
    if (performance.now() - line.lastWrite > heartbeat - consolePause) await write(line, ': still here\n\n');
  }
}

async function sendSections(deps: WebDeps, topic: Topic, line: Line): Promise<void> {
  for (const section of await deps.hub.sections(topic)) {
    if (line.sent.get(section.name) === section.key) continue;
    await write(line, message(section.name, String(await section.html)));
    line.sent.set(section.name, section.key);
  }
}

/** Sends what was added. A reader far behind is taken to the end, as a page shows no more than that anyway. */
async function sendConsole(deps: WebDeps, place: ConsolePlace, line: Line): Promise<void> {
  const skipTo = (await deps.archive.size(place.file)) - consoleShown;
  const skipped = place.offset < skipTo;
  if (skipped) place.offset = skipTo;
  for (let count = 0; count < partsAtOnce && !line.client.signal.aborted; count += 1) {
    const part = await deps.status.console(place.id, place.offset, consolePart);
    if (part === undefined || part.bytes.length === 0) return;
    const last = part.complete && part.bytes.length < consolePart;
    const length = last ? part.bytes.length : completeLength(part.bytes);
    if (length === 0) return;
    place.offset += length;
    const shown = part.bytes.subarray(0, length);
    const cut = skipped && count === 0;
    const markup = String(await consoleChunks(cut ? fromNextLine(shown) : shown));
    await write(line, message('console', (cut ? String(skippedMark) : '') + markup, place.offset));
  }
}

/** One server-sent event; line ends inside the data are kept. */
function message(event: string, data: string, id?: number): string {
  const lines = data.split('\n').map((text) => `data: ${text}\n`);
  return `event: ${event}\n${lines.join('')}${id === undefined ? '' : `id: ${id}\n`}\n`;
}

/** A page that takes nothing for long is let go: its place is needed. */
async function write(line: Line, text: string): Promise<void> {
  const stop = new AbortController();
  const timeout = sleep(stalled, stop.signal).then(() => 'late' as const);
  const outcome = await Promise.race([line.stream.write(text), timeout]);
  stop.abort();
  if (outcome === 'late') line.client.leave();
  line.lastWrite = performance.now();
}
