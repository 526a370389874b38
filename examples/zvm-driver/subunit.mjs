import { writeSync } from 'node:fs';

const statuses = { exists: 1, inprogress: 2, success: 3, uxsuccess: 4, skip: 5, fail: 6, xfail: 7 };
const maxAttachment = 1024 * 1024;

/** Writes subunit v2 to a file descriptor, packet by packet: a run that is killed leaves what it did until then. */
export class SubunitWriter {
  constructor(file) {
    this.file = file;
  }

  status(testId, status, tags = []) {
    this.#write(0x0800 | 0x0200 | 0x0100 | (tags.length > 0 ? 0x0080 : 0) | statuses[status], [
      ...now(),
      text(testId),
      ...(tags.length > 0 ? [number(tags.length), ...tags.map(text)] : []),
    ]);
  }

  attach(testId, name, content, mimeType = 'text/plain;charset=utf8') {
    const bytes = Buffer.from(content).subarray(0, maxAttachment);
    this.#write(0x0800 | 0x0200 | 0x0100 | 0x0040 | 0x0020 | 0x0010, [...now(), text(testId), text(mimeType), text(name), number(bytes.length), bytes]);
  }

  #write(flags, fields) {
    const body = Buffer.concat(fields);
    const bare = 3 + body.length + 4;
    // The length counts its own one to three bytes.
    const size = [1, 2, 3].find((count) => number(bare + count).length === count);
    const packet = Buffer.concat([Buffer.from([0xb3, 0x20 | (flags >> 8), flags & 0xff]), number(bare + size), body]);
    const whole = Buffer.concat([packet, word(crc32(packet))]);
    for (let at = 0; at < whole.length; ) at += writeSync(this.file, whole, at);
  }
}

function now() {
  const milliseconds = performance.timeOrigin + performance.now();
  const seconds = Math.floor(milliseconds / 1000);
  return [word(seconds), number(Math.floor((milliseconds - seconds * 1000) * 1e6))];
}

function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

function word(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Variable-length integer: the two highest bits say how many bytes follow the first. */
function number(value) {
  if (value < 0x40) return Buffer.from([value]);
  if (value < 0x4000) return Buffer.from([(value >> 8) | 0x40, value & 0xff]);
  if (value < 0x400000) return Buffer.from([(value >> 16) | 0x80, (value >> 8) & 0xff, value & 0xff]);
  return word(value | 0xc0000000);
}

/** zlib.crc32 came only with Node 20.15. */
function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return sum ^ 0xffffffff;
}
