import type { SubunitPacket, SubunitStatus, Timestamp } from './packet.ts';
import { createPieceReader } from './read-pieces.ts';
import { createSkipCount } from './skip-count.ts';
import type { PacketScanner } from './scan.ts';

/** Longer lines are no directives. */
const maxLine = 64 * 1024;
/** At the same time. */
const maxTags = 100;
const newline = 0x0a;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const firstLine = /^(?:time|tags|test|testing|progress): /;
const directive = /^(?<word>[a-z]+):? (?<rest>.*)$/s;
const timeText = /^(?<day>\d{4}-\d\d-\d\d) (?<clock>\d\d:\d\d:\d\d)(?:\.(?<fraction>\d{1,9}))?Z$/;

/** What a word means, and the name of the text in plain brackets behind it. */
const outcomes: Readonly<Record<string, readonly [SubunitStatus, string]>> = {
  success: ['success', 'message'],
  successful: ['success', 'message'],
  failure: ['fail', 'traceback'],
  error: ['fail', 'traceback'],
  skip: ['skip', 'reason'],
  xfail: ['xfail', 'traceback'],
  uxsuccess: ['uxsuccess', 'traceback'],
};

/** What the next bytes are. `type`, `name`, `size` and `body` are parts of one attachment. */
type Expected = 'directive' | 'text' | 'type' | 'name' | 'size' | 'body';

/** True when a stream that begins so is version 1. */
export function isVersion1(head: Uint8Array): boolean {
  return firstLine.test(utf8.decode(head.subarray(0, 16)));
}

/**
 * Version 1, lines of text: so stestr keeps a run in its repository, also one that was aborted (`.stestr/tmp…`), and turns it into version 2
 * when it is asked for the last run. Tests are told when they end: of those that ran at the abort there is nothing. Gives the packets that
 * version 2 would have. A test that begins within another one leaves that one unfinished.
 */
export function createVersion1Scanner(onPacket: (packet: SubunitPacket) => void): PacketScanner {
  const reader = new Version1Reader(onPacket);

  /** How many bytes from `from` are done with; 0 when more are needed. */
  function step(bytes: Uint8Array, from: number): number {
    if (reader.expected === 'body') return reader.takeBody(bytes.subarray(from));
    const end = bytes.indexOf(newline, from);
    if (end >= 0) reader.takeLine(bytes.subarray(from, end + 1));
    else if (bytes.length - from > maxLine) reader.takeFragment(bytes.subarray(from));
    else return 0;
    return end >= 0 ? end + 1 - from : bytes.length - from;
  }

  function drain(bytes: Uint8Array, final: boolean): number {
    let at = 0;
    while (at < bytes.length) {
      const done = step(bytes, at);
      if (done === 0) break;
      at += done;
    }
    if (final && at < bytes.length) reader.takeFragment(bytes.subarray(at));
    return final ? bytes.length : at;
  }

  return { ...createPieceReader(drain), skipped: reader.skipped.count };
}

class Version1Reader {
  readonly skipped = createSkipCount();
  expected: Expected = 'directive';
  readonly #onPacket: (packet: SubunitPacket) => void;
  #test: string | undefined;
  #status: SubunitStatus = 'success';
  #time: Timestamp | undefined;
  #tags = new Set<string>();
  /** Those of the test that runs; they end with it. */
  #testTags = new Set<string>();
  #mimeType = '';
  #name = '';
  #left = 0;

  constructor(onPacket: (packet: SubunitPacket) => void) {
    this.#onPacket = onPacket;
  }

  /** How many bytes it took. */
  takeBody(bytes: Uint8Array): number {
    const part = bytes.subarray(0, this.#left);
    this.#attach(part);
    this.#left -= part.length;
    if (this.#left === 0) this.expected = 'size';
    return part.length;
  }

  /** A line that is too long, or the last one without its end. */
  takeFragment(bytes: Uint8Array): void {
    if (this.expected === 'text') this.#attach(bytes);
    else this.skipped.skip(bytes.length);
  }

  takeLine(line: Uint8Array): void {
    const text = utf8.decode(line.subarray(0, -1)).replaceAll('\0', '\uFFFD');
    if (this.#understands(text, line)) return this.skipped.pause();
    this.skipped.skip(line.length);
    // What follows belongs to no attachment any more: only directives can be told from it.
    this.expected = 'directive';
  }

  #understands(text: string, line: Uint8Array): boolean {
    switch (this.expected) {
      case 'directive':
        return this.#direct(text);
      case 'text':
        if (text === ']') this.#finish();
        else this.#attach(text.startsWith(' ]') ? line.subarray(1) : line);
        return true;
      case 'type':
        return text === ']' ? this.#finish() : this.#openAttachment(text);
      case 'name':
        this.#name = text;
        this.expected = 'size';
        return true;
      case 'size':
        return this.#openChunk(text);
      case 'body':
        return false;
    }
  }

  #direct(text: string): boolean {
    const { rest, word } = directive.exec(text)?.groups ?? {};
    if (word === undefined || rest === undefined) return false;
    if (word === 'time') return this.#setTime(rest);
    if (word === 'tags') return this.#setTags(rest);
    if (word === 'progress') return true;
    if (word === 'test' || word === 'testing') return this.#begin(rest);
    const outcome = outcomes[word];
    return outcome !== undefined && this.#conclude(rest, outcome);
  }

  #begin(id: string): boolean {
    this.#test = id;
    this.#testTags = new Set(this.#tags);
    this.#tell({ status: 'inprogress', timestamp: this.#time });
    return true;
  }

  #conclude(rest: string, [status, name]: readonly [SubunitStatus, string]): boolean {
    if (this.#test === undefined || !rest.startsWith(this.#test)) return false;
    this.#status = status;
    this.#name = name;
    this.#mimeType = 'text/plain;charset=utf8';
    switch (rest.slice(this.#test.length)) {
      case '':
        return this.#finish();
      case ' [':
        this.expected = 'text';
        return true;
      case ' [ multipart':
        this.expected = 'type';
        return true;
      default:
        return false;
    }
  }

  #finish(): true {
    this.#tell({ status: this.#status, timestamp: this.#time, tags: [...this.#testTags] });
    this.#test = undefined;
    this.expected = 'directive';
    return true;
  }

  #openAttachment(text: string): boolean {
    const type = /^Content-Type: (?<type>.+)$/.exec(text)?.groups?.['type'];
    if (type === undefined) return false;
    this.#mimeType = type;
    this.expected = 'name';
    return true;
  }

  /** Length of a chunk as HTTP has it; 0 ends the attachment. */
  #openChunk(text: string): boolean {
    if (!/^[0-9a-f]{1,8}\r$/i.test(text)) return false;
    this.#left = Number.parseInt(text, 16);
    this.expected = this.#left === 0 ? 'type' : 'body';
    return true;
  }

  #attach(bytes: Uint8Array): void {
    this.#tell({ mimeType: this.#mimeType, file: { name: this.#name, bytes } });
  }

  #tell(packet: Partial<SubunitPacket>): void {
    const nothing = { status: undefined, timestamp: undefined, tags: undefined, mimeType: undefined, file: undefined };
    this.#onPacket({ ...nothing, ...packet, testId: this.#test, routeCode: undefined });
  }

  #setTime(text: string): boolean {
    const { clock, day, fraction = '' } = timeText.exec(text)?.groups ?? {};
    const milliseconds = Date.parse(`${day}T${clock}Z`);
    if (Number.isNaN(milliseconds)) return false;
    this.#time = { seconds: milliseconds / 1000, nanoseconds: Number(fraction.padEnd(9, '0')) };
    return true;
  }

  /** `-TAG` takes one away. */
  #setTags(text: string): boolean {
    const tags = this.#test === undefined ? this.#tags : this.#testTags;
    for (const tag of text.split(' ').filter((one) => one !== '')) {
      if (tag.startsWith('-')) tags.delete(tag.slice(1));
      else if (tags.size < maxTags) tags.add(tag);
    }
    return true;
  }
}
