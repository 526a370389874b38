const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const bytes: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };

/** `90s`, `15m`, `2h` in milliseconds; undefined: not written so. */
export function parseDuration(text: string): number | undefined {
  return parse(text, milliseconds);
}

/** `100MiB` in bytes; undefined: not written so. */
export function parseSize(text: string): number | undefined {
  return parse(text, bytes);
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount = '', unit = ''] = /^([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([A-Za-z]+)$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return factor === undefined ? undefined : Math.round(Number(amount) * factor);
}
