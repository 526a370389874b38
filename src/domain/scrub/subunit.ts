import { crc32 } from '../subunit/crc32.ts';
import { readHead } from '../subunit/decode.ts';
import { fieldsOf } from '../subunit/fields.ts';
import type { PacketFields } from '../subunit/fields.ts';
import { signature } from '../subunit/packet.ts';
import type { Hidden, Range } from './rule.ts';
import type { ScrubLines } from './scrubber.ts';
import { createScrubStream } from './stream.ts';

/** After a wrong CRC the search goes on one byte further; hostile bytes could make that quadratic. */
const searchBudget = 64 * 1024 * 1024;

export function looksLikeSubunit(head: Uint8Array): boolean {
  return readHead(head, 0).kind === 'packet';
}

/**
 * Scrubs a subunit v2 stream within its bytes, which are changed: names of tests, tags and each attachment as one text, through all of its
 * packets; then the CRCs are made right again. What is no packet is text.
 */
export function scrubSubunit(bytes: Uint8Array, scrub: ScrubLines, hidden: Hidden): void {
  const { packets, foreign } = split(bytes);
  const attachments = new Map<string, Range[]>();
  for (const { fields } of packets) {
    for (const text of fields.texts) rewrite(bytes, [text], scrub, hidden);
    if (fields.file === undefined) continue;
    const known = attachments.get(fields.key);
    if (known === undefined) attachments.set(fields.key, [fields.file]);
    else known.push(fields.file);
  }
  for (const parts of [...attachments.values(), ...foreign.map((range) => [range])])
    rewrite(bytes, parts, scrub, hidden);
  for (const { frame } of packets) {
    const crc = crc32(bytes.subarray(frame.start, frame.end - 4));
    new DataView(bytes.buffer, bytes.byteOffset + frame.end - 4, 4).setUint32(0, crc);
  }
}

interface Packet {
  readonly frame: Range;
  readonly fields: PacketFields;
}

function split(bytes: Uint8Array): { packets: readonly Packet[]; foreign: readonly Range[] } {
  const packets: Packet[] = [];
  const foreign: Range[] = [];
  let budget = searchBudget;
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const begin = bytes.indexOf(signature, at);
    if (begin < 0) break;
    const head = readHead(bytes, begin);
    const end = begin + (head.kind === 'packet' ? head.length : 1);
    at = begin + 1;
    if (head.kind !== 'packet' || end > bytes.length || budget < 0) continue;
    const fields = packetAt(bytes, { start: begin, end });
    if (fields === undefined) budget -= head.length;
    else {
      if (begin > start) foreign.push({ start, end: begin });
      packets.push({ frame: { start: begin, end }, fields });
      at = start = end;
    }
  }
  if (start < bytes.length) foreign.push({ start, end: bytes.length });
  return { packets, foreign };
}

function packetAt(bytes: Uint8Array, { start, end }: Range): PacketFields | undefined {
  const stored = new DataView(bytes.buffer, bytes.byteOffset + end - 4, 4).getUint32(0);
  return crc32(bytes.subarray(start, end - 4)) === stored ? fieldsOf(bytes, start, end) : undefined;
}

/** Scrubs the parts as one text. */
function rewrite(bytes: Uint8Array, parts: readonly Range[], scrub: ScrubLines, hidden: Hidden): void {
  const text = parts.map(({ start, end }) => latin1(bytes, start, end)).join('');
  const stream = createScrubStream(scrub);
  const scrubbed = stream.push(text) + stream.end();
  for (const [rule, count] of stream.hidden) hidden.set(rule, (hidden.get(rule) ?? 0) + count);
  if (scrubbed === text) return;
  let at = 0;
  for (const { start, end } of parts)
    for (let index = start; index < end; index += 1, at += 1) bytes[index] = scrubbed.charCodeAt(at);
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
