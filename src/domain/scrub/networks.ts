import type { Range, ScrubRule } from './rule.ts';

/** An IP network as numbers. */
export interface Network {
  readonly bits: 32 | 128;
  /** The first bits, as a number in hexadecimal. */
  readonly base: string;
  readonly length: number;
}

const ipv4 = /(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)|(?<![\d.-])\d{1,3}(?:-\d{1,3}){3}(?![\d-]|\.\d)/g;
const ipv6 = /(?<![\w:.])(?=[\da-fA-F]{0,4}:[\da-fA-F]{0,4}:)[\da-fA-F:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?(?![\w])/g;

/** Addresses in some networks, IPv4 also as `10-0-0-1` in names of hosts. The same address has the same placeholder, however it is written. */
export function networksRule(name: string, networks: readonly Network[], options: { replace: boolean }): ScrubRule {
  const patterns = [
    ...(networks.some(({ bits }) => bits === 32) ? [ipv4] : []),
    ...(networks.some(({ bits }) => bits === 128) ? [ipv6] : []),
  ];
  return {
    name,
    find: (text) =>
      patterns
        .flatMap((pattern) => candidates(text, pattern))
        .filter(({ start, end }) => isIn(networks, text.slice(start, end)))
        .toSorted((a, b) => a.start - b.start),
    identity: options.replace ? (hidden) => String(parseAddress(hidden)?.value ?? hidden) : undefined,
    hidesPlaceholders: false,
  };
}

/** `10.0.0.0/8`, `2001:db8::/32`, or an address. Undefined: not written so. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length, ...more] = text.split('/');
  const parsed = parseAddress(address);
  if (parsed === undefined || address.includes('-') || more.length > 0) return undefined;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const size = length === undefined ? parsed.bits : Number(length);
  if (size > parsed.bits) return undefined;
  return { bits: parsed.bits, base: prefixOf(parsed.value, parsed.bits, size), length: size };
}

function isIn(networks: readonly Network[], text: string): boolean {
  const address = parseAddress(text);
  return (
    address !== undefined &&
    networks.some(({ base, bits, length }) => bits === address.bits && prefixOf(address.value, bits, length) === base)
  );
}

function prefixOf(value: bigint, bits: number, length: number): string {
  return (value >> BigInt(bits - length)).toString(16);
}

/** A colon behind an address is what people write before the next word. */
function candidates(text: string, pattern: RegExp): Range[] {
  return Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({
    start: index,
    end: index + (/[^:]:$/.test(found) ? found.length - 1 : found.length),
  }));
}

function parseAddress(text: string): { bits: 32 | 128; value: bigint } | undefined {
  const value = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return value === undefined ? undefined : { bits: text.includes(':') ? 128 : 32, value };
}

function parseIpv4(text: string): bigint | undefined {
  const octets = text.split(text.includes('.') ? '.' : '-');
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256)) return undefined;
  return octets.reduce((value, octet) => value * 256n + BigInt(octet), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const halves = withoutDots(text)?.split('::') ?? [];
  if (halves.length < 1 || halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!groups.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

/** `::ffff:10.0.0.1` as `::ffff:a00:1`. */
function withoutDots(text: string): string | undefined {
  const [, head, dotted] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  if (dotted === undefined) return text;
  const value = parseIpv4(dotted);
  return value === undefined ? undefined : `${head}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
