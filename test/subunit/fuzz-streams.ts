import { crc32 } from '../../src/domain/subunit/crc32.ts';
import type { SubunitPacket } from '../../src/domain/subunit/packet.ts';
import { writeSubunitPacket } from '../../src/domain/subunit/writer.ts';
import { createRandom } from '../../src/shared/create-random.ts';

/** How many there are; each has its number as seed. */
export const fuzzedStreams = 10_000;

type Random = () => number;
type Damage = (stream: Stream, random: Random) => Stream;
/** Frames, and whatever damage put between them. */
type Stream = readonly Uint8Array[];

const statuses = ['exists', 'inprogress', 'success', 'uxsuccess', 'skip', 'fail', 'xfail'] as const;
const mimeTypes = ['text/plain;charset=utf8', 'text/x-traceback;charset="utf8"', 'application/json', 'image/png'];
const names = ['traceback', 'reason', "pythonlogging:''", 'screen'];
const foreign = [
  'Traceback (most recent call last):\n',
  'E: 3 m³ of water ³³ grüße €\n',
  '\u00b3',
  '',
  '\u{1f600}³',
  'line\r\nline\n',
].map((text) => Buffer.from(text));
/** Characters that were cut, signatures by themselves, and heads that claim too much, too little or nothing. */
const fragments = ['c2', 'e282', 'f09f98', 'b3', 'b3b3', 'b32903', 'b32903bfffff', 'b3290305', 'b3290300', 'b32903ffffff', '80', 'edb3']; // prettier-ignore

const damages: readonly Damage[] = [
  (stream) => stream,
  cutEnd,
  (stream, random) => insert(stream, random, () => pick(random, foreign)),
  (stream, random) => insert(stream, random, () => Buffer.from(pick(random, fragments), 'hex')),
  (stream, random) => insert(stream, random, () => bytesOf(random, 30)),
  flipBits,
  removeRange,
  repeatRange,
  interleave,
  forge,
  (stream, random) => insert(stream, random, () => head(random)),
];

const others = damages.filter((damage) => damage !== forge);

/** Whether the stream may hold packets with a right check sum and flags that version 2 does not have. */
export function isForged(number: number): boolean {
  return damages[number % damages.length] === forge;
}

/** The stream of this number, always the same; `sample`: frames of a real one. */
export function fuzzedStream(number: number, sample: readonly Uint8Array[]): Uint8Array {
  const random = createRandom(number);
  const clean = random() < 0.2 ? framesOf(sample, random) : eventsOf(random).map(writeSubunitPacket);
  const once = damages[number % damages.length]!(clean, random);
  return Buffer.concat(random() < 0.3 ? pick(random, others)(once, random) : once);
}

/** The frames of a stream without damage. */
export function splitFrames(stream: Uint8Array): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const size = (stream[at + 3]! >> 6) + 1;
    const length = Array.from({ length: size }, (_, index) => index).reduce(
      (sum, index) => sum * 256 + (stream[at + 3 + index]! & (index === 0 ? 0x3f : 0xff)),
      0,
    );
    frames.push(stream.subarray(at, at + length));
    at += length;
  }
  return frames;
}

function framesOf(sample: readonly Uint8Array[], random: Random): Stream {
  const start = upTo(random, sample.length);
  return sample.slice(start, start + 8).filter((frame) => frame.length < 3000);
}

/** Events of some tests at the same time, as workers side by side tell them. */
function eventsOf(random: Random): Partial<SubunitPacket>[] {
  const tests = Array.from({ length: 1 + upTo(random, 6) }, () => testOf(random));
  const events: Partial<SubunitPacket>[] = [];
  while (tests.some((test) => test.length > 0)) {
    const next = pick(random, tests).shift();
    if (next) events.push(next);
  }
  return events;
}

function testOf(random: Random): Partial<SubunitPacket>[] {
  const testId = pick(random, [
    'a.b.Test.test_one[id-1,smoke]',
    'a.b.Test.test_two',
    'setUpClass (a.b.Test)',
    'x',
    '',
    'ü',
  ]);
  const route = random() < 0.3 ? { routeCode: pick(random, ['0', '1', '']) } : {};
  const base = () => ({ testId, ...route, ...(random() < 0.8 ? timeOf(random) : {}), ...tagsOf(random) });
  const events: Partial<SubunitPacket>[] = [];
  if (random() < 0.1) events.push({ ...base(), status: 'exists' });
  if (random() < 0.8) events.push({ ...base(), status: 'inprogress' });
  for (let n = upTo(random, 4); n > 0; n -= 1) events.push({ ...base(), ...fileOf(random) });
  if (random() < 0.2) events.push(fileOf(random));
  if (random() < 0.85)
    events.push({ ...base(), ...(random() < 0.3 ? fileOf(random) : {}), status: pick(random, statuses) });
  return events;
}

function timeOf(random: Random): Pick<SubunitPacket, 'timestamp'> {
  const nanoseconds = pick(random, [0, 500, 1500, 2500, 999_999_500, upTo(random, 2 ** 30), upTo(random, 1e9)]);
  return { timestamp: { seconds: upTo(random, random() < 0.1 ? 2 ** 32 : 2000), nanoseconds } };
}

function tagsOf(random: Random): Partial<SubunitPacket> {
  if (random() < 0.6) return {};
  return { tags: Array.from({ length: upTo(random, 4) }, () => pick(random, ['worker-0', 'worker-1', 'é', ''])) };
}

function fileOf(random: Random): Partial<SubunitPacket> {
  const mimeType = random() < 0.8 ? { mimeType: pick(random, mimeTypes) } : {};
  const bytes = random() < 0.5 ? bytesOf(random, 200) : Buffer.from('line ³ of a log\n'.repeat(upTo(random, 30)));
  return { ...mimeType, file: { name: pick(random, names), bytes } };
}

function cutEnd(stream: Stream, random: Random): Stream {
  const whole = Buffer.concat(stream);
  return [whole.subarray(0, upTo(random, whole.length + 1))];
}

function insert(stream: Stream, random: Random, make: () => Uint8Array): Stream {
  return stream.flatMap((frame) => (random() < 0.3 ? [make(), frame] : [frame]));
}

function flipBits(stream: Stream, random: Random): Stream {
  const whole = Buffer.concat(stream);
  for (let n = 1 + upTo(random, 6); n > 0 && whole.length > 0; n -= 1) {
    const at = upTo(random, whole.length);
    whole[at] = whole[at]! ^ (1 << upTo(random, 8));
  }
  return [whole];
}

function removeRange(stream: Stream, random: Random): Stream {
  const whole = Buffer.concat(stream);
  const from = upTo(random, whole.length + 1);
  return [whole.subarray(0, from), whole.subarray(from + upTo(random, 200))];
}

function repeatRange(stream: Stream, random: Random): Stream {
  const whole = Buffer.concat(stream);
  const from = upTo(random, whole.length + 1);
  return [whole.subarray(0, from + upTo(random, 300)), whole.subarray(from)];
}

/** Two writers on one file whose writes were cut into pieces. */
function interleave(stream: Stream, random: Random): Stream {
  const writers = [Buffer.concat(stream), Buffer.concat(eventsOf(random).map(writeSubunitPacket))];
  const pieces: Uint8Array[] = [];
  while (writers.some((writer) => writer.length > 0)) {
    const which = upTo(random, 2);
    const length = 1 + upTo(random, 150);
    pieces.push(writers[which]!.subarray(0, length));
    writers[which] = writers[which]!.subarray(length);
  }
  return pieces;
}

/** Frames that are wrong inside, though their check sum is right. */
function forge(stream: Stream, random: Random): Stream {
  return stream.map((frame) => {
    if (random() < 0.5 || frame.length < 12) return frame;
    const forged = Buffer.from(frame);
    const body = 3 + (frame[3]! >> 6) + 1;
    const at = random() < 0.3 ? 1 + upTo(random, 2) : body + upTo(random, Math.min(40, frame.length - 4 - body));
    forged[at] = pick(random, [0, 0x3f, 0x7f, 0xff, 0xc2, upTo(random, 256)]);
    forged.writeUInt32BE(crc32(forged.subarray(0, -4)), forged.length - 4);
    return forged;
  });
}

function head(random: Random): Uint8Array {
  const claim = random() < 0.7 ? [upTo(random, 64)] : [0x40 + upTo(random, 128), upTo(random, 256), upTo(random, 256)];
  return Uint8Array.of(0xb3, 0x20 + upTo(random, 16), upTo(random, 256), ...claim);
}

function bytesOf(random: Random, most: number): Uint8Array {
  return Uint8Array.from({ length: upTo(random, most) }, () => upTo(random, 256));
}

/** A whole number from 0 to below `limit`. */
function upTo(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function pick<One>(random: Random, all: readonly One[]): One {
  return all[upTo(random, all.length)]!;
}
