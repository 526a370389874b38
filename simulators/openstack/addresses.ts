/** Hands out loopback addresses below a `127.x` prefix, each once until it is given back; the oldest free one last. */
export interface AddressPool {
  take(prefix: string): string;
  giveBack(address: string): void;
}

/** Addresses 0.10 to 255.249 of each prefix. */
const hosts = 65_000;

export function createAddressPool(): AddressPool {
  const used = new Set<string>();
  const next = new Map<string, number>();

  function take(prefix: string): string {
    for (let tries = 0; tries < hosts; tries += 1) {
      const host = next.get(prefix) ?? 10;
      next.set(prefix, host + 1 > hosts ? 10 : host + 1);
      const address = `${prefix}.${host >> 8}.${host & 255}`;
      if ((host & 255) === 0 || (host & 255) === 255 || used.has(address)) continue;
      used.add(address);
      return address;
    }
    throw new Error(`no free address below ${prefix}`);
  }

  return { take, giveBack: (address) => used.delete(address) };
}
