import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { publishRefUpdated } from '../events/publish.ts';
import type { Gerrit } from '../gerrit.ts';
import type { Account } from '../state/model.ts';
import { isMagicRef, parseMagicRef } from './magic-ref.ts';
import { flush, linesToFlush, pktLine, sideBand } from './pkt-line.ts';
import { pushToReview, PushRefused } from './push-to-review.ts';
import { pushedRefs } from './repositories.ts';
import { git, gitEnvironment } from './run.ts';

const maxCommandBytes = 1 << 20;
const maxReportBytes = 1 << 20;
const timeoutMs = 300_000;

interface Command {
  readonly oldRev: string;
  readonly newRev: string;
  readonly ref: string;
  /** Where receive-pack is told to write: review pushes wait under a name of their own. */
  readonly writtenRef: string;
  refusal: string | undefined;
}

interface Head {
  readonly commands: Command[];
  readonly others: readonly Buffer[];
  readonly capabilities: readonly string[];
}

export interface Push {
  readonly project: string;
  readonly account: Account;
}

/**
 * Answers `git push`. git's own receive-pack takes the objects; refs/for/… is written under a private name first and turned
 * into changes before the answer goes out, so that a pusher knows what became of each ref.
 */
export async function receivePack(
  gerrit: Gerrit,
  push: Push,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = request[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const { head, rest } = await readHead(body, push.account);
  response.writeHead(200, { 'Content-Type': 'application/x-git-receive-pack-result', 'Cache-Control': 'no-cache' });
  if (head.commands.length === 0) {
    response.end();
    return;
  }
  const accepted = head.commands.filter(({ refusal }) => refusal === undefined);
  const directory = gerrit.repositories.path(push.project);
  if (accepted.length > 0) await runReceivePack(directory, head, accepted, remainder(rest, body));
  else for await (const _chunk of remainder(rest, body));
  const notes = await gerrit.repositories.exclusively(push.project, () => settle(gerrit, push, accepted));
  response.end(report(head, notes));
}

async function readHead(body: AsyncIterator<Buffer>, account: Account): Promise<{ head: Head; rest: Buffer }> {
  let data = Buffer.alloc(0);
  for (;;) {
    const found = linesToFlush(data);
    if (found) return { head: parseHead(found.lines, account), rest: data.subarray(found.end) };
    const next = await body.next();
    if (next.done || data.length > maxCommandBytes) throw new Error('push without an end of its commands');
    data = Buffer.concat([data, next.value]);
  }
}

function parseHead(lines: readonly Buffer[], account: Account): Head {
  const texts = lines.map((line) => line.toString('utf8').replace(/\n$/, ''));
  const capabilities =
    texts
      .find((text) => text.includes('\0'))
      ?.split('\0')[1]
      ?.split(' ') ?? [];
  const push = randomBytes(8).toString('hex');
  const commands: Command[] = [];
  const others: Buffer[] = [];
  for (const [index, text] of texts.entries()) {
    const [, oldRev, newRev, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0]+)/.exec(text) ?? [];
    if (oldRev === undefined || newRev === undefined || ref === undefined) others.push(lines[index] ?? Buffer.alloc(0));
    else {
      const writtenRef = isMagicRef(ref) ? `${pushedRefs}${push}/${index}` : ref;
      commands.push({ oldRev, newRev, ref, writtenRef, refusal: refusalOf(ref, newRev, account) });
    }
  }
  return { commands, others, capabilities };
}

function refusalOf(ref: string, newRev: string, account: Account): string | undefined {
  const deletes = /^0+$/.test(newRev);
  if (isMagicRef(ref)) return deletes ? 'cannot delete changes' : undefined;
  const isPlain = ref.startsWith('refs/heads/') || ref.startsWith('refs/tags/');
  if (isPlain && account.capabilities.administrate) return undefined;
  return `prohibited by Gerrit: not permitted: ${deletes ? 'delete' : 'update'}`;
}

async function* remainder(rest: Buffer, body: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (rest.length > 0) yield rest;
  for (let next = await body.next(); !next.done; next = await body.next()) yield next.value;
}

/** Asks for a plain report, so that it can be read here; the pusher's own wishes are met in `report`. */
async function runReceivePack(
  directory: string,
  head: Head,
  accepted: readonly Command[],
  pack: AsyncIterable<Buffer>,
): Promise<void> {
  const args = ['receive-pack', '--stateless-rpc', directory];
  const child = spawn('git', args, { env: gitEnvironment(), timeout: timeoutMs, stdio: ['pipe', 'pipe', 'ignore'] });
  const output = collect(child.stdout);
  child.stdin.on('error', () => undefined);
  const capabilities = head.capabilities.includes('atomic') ? 'report-status atomic' : 'report-status';
  for (const line of head.others) child.stdin.write(pktLine(line));
  for (const [index, { oldRev, newRev, writtenRef }] of accepted.entries()) {
    child.stdin.write(pktLine(`${oldRev} ${newRev} ${writtenRef}${index === 0 ? `\0${capabilities}` : ''}`));
  }
  child.stdin.write(flush);
  for await (const chunk of pack) {
    if (!child.stdin.write(chunk)) await drained(child.stdin);
  }
  child.stdin.end();
  applyReport(await output, accepted);
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of ['drain', 'close', 'error']) stream.off(name, done);
      resolve();
    };
    for (const name of ['drain', 'close', 'error']) stream.on(name, done);
  });
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxReportBytes) chunks.push(chunk);
  });
  await finished(stream, { writable: false });
  return Buffer.concat(chunks);
}

function applyReport(output: Buffer, accepted: readonly Command[]): void {
  const found = linesToFlush(output);
  const lines = found?.lines.map((line) => line.toString('utf8').trimEnd()) ?? [];
  const unpack = lines[0] ?? 'unpack failed';
  for (const command of accepted) {
    const refused = lines.find((line) => line.startsWith(`ng ${command.writtenRef} `));
    if (unpack !== 'unpack ok') command.refusal = unpack.replace(/^unpack /, 'unpacker error: ');
    else if (refused !== undefined) command.refusal = refused.slice(`ng ${command.writtenRef} `.length);
  }
}

async function settle(gerrit: Gerrit, push: Push, accepted: readonly Command[]): Promise<string[]> {
  const notes: string[] = [];
  for (const command of accepted.filter(({ refusal }) => refusal === undefined)) {
    if (command.writtenRef === command.ref) {
      const { ref: refName, oldRev, newRev } = command;
      publishRefUpdated(gerrit, push.account, push.project, { refName, oldRev, newRev });
    } else {
      notes.push(await review(gerrit, push, command));
    }
  }
  return notes;
}

async function review(gerrit: Gerrit, { project, account }: Push, command: Command): Promise<string> {
  const { newRev: tip, ref, writtenRef } = command;
  try {
    return await pushToReview(gerrit, { project, uploader: account, options: parseMagicRef(ref), tip });
  } catch (error) {
    if (!(error instanceof PushRefused)) throw error;
    command.refusal = error.message.replaceAll('\n', ' ');
    return error.hint;
  } finally {
    await git(['update-ref', '-d', writtenRef], { directory: gerrit.repositories.path(project) });
  }
}

function report({ commands, capabilities }: Head, notes: readonly string[]): Buffer {
  const lines = commands.map(({ ref, refusal }) => (refusal === undefined ? `ok ${ref}\n` : `ng ${ref} ${refusal}\n`));
  const status = capabilities.some((name) => name.startsWith('report-status'))
    ? Buffer.concat([...['unpack ok\n', ...lines].map(pktLine), Buffer.from(flush)])
    : Buffer.alloc(0);
  if (!capabilities.includes('side-band-64k')) return status;
  const text = notes
    .filter((note) => note !== '')
    .map((note) => `${note}\n`)
    .join('');
  return Buffer.concat([sideBand(2, Buffer.from(text)), sideBand(1, status), Buffer.from(flush)]);
}
