/** Packet of subunit v2: https://github.com/testing-cabal/subunit, "Version 2". */
export interface SubunitPacket {
  readonly status: SubunitStatus | undefined;
  readonly testId: string | undefined;
  readonly timestamp: Timestamp | undefined;
  readonly tags: readonly string[] | undefined;
  readonly mimeType: string | undefined;
  /** `bytes` may be a view into a larger buffer: use it before the next packet is asked for. */
  readonly file: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  readonly routeCode: string | undefined;
}

export type SubunitStatus = (typeof statuses)[number];

export interface Timestamp {
  /** Seconds since 1970. */
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** In the order of their codes; code 0 is "no status". */
export const statuses = ['exists', 'inprogress', 'success', 'uxsuccess', 'skip', 'fail', 'xfail'] as const;

export const signature = 0xb3;

/** Version 2 in the four highest bits. */
export const version = 0x2000;

export const flags = {
  testId: 0x0800,
  routeCode: 0x0400,
  timestamp: 0x0200,
  runnable: 0x0100,
  tags: 0x0080,
  file: 0x0040,
  mimeType: 0x0020,
  endOfFile: 0x0010,
} as const;

/** Bit that version 2 leaves unused. */
export const reserved = 0x0008;

/** The format's own limit of one packet. */
export const maxPacketBytes = 4 * 1024 * 1024 - 1;
