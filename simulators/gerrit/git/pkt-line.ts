/** git's framing: four hex digits of length, then the data; `0000` is a flush. */

export const flush = '0000';
const maxBandBytes = 65_515;

export function pktLine(data: string | Buffer): Buffer {
  const bytes = Buffer.from(data);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/** One piece of the side band: 1 is the answer itself, 2 what git shows behind `remote:`. */
export function sideBand(band: 1 | 2, data: Buffer): Buffer {
  const packets: Buffer[] = [];
  for (let start = 0; start < data.length; start += maxBandBytes) {
    packets.push(pktLine(Buffer.concat([Buffer.from([band]), data.subarray(start, start + maxBandBytes)])));
  }
  return Buffer.concat(packets);
}

/** Lines up to the first flush, and where the data behind it starts; undefined while the flush has not come yet. */
export function linesToFlush(data: Buffer): { lines: Buffer[]; end: number } | undefined {
  const lines: Buffer[] = [];
  let position = 0;
  while (position + 4 <= data.length) {
    const length = Number.parseInt(data.toString('latin1', position, position + 4), 16);
    if (length === 0) return { lines, end: position + 4 };
    if (!(length > 4)) throw new Error('not a pkt-line');
    if (position + length > data.length) return undefined;
    lines.push(data.subarray(position + 4, position + length));
    position += length;
  }
  return undefined;
}
