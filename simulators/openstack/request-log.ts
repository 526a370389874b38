import type { Arrival } from './http.ts';

/** Counts what was asked, so that tests can check what a client costs. */
export interface RequestLog {
  arrived(arrival: Arrival): void;
  ended(arrival: Arrival, route: string, status: number): void;
  report(): object;
  clear(): void;
}

interface Count {
  readonly service: string;
  readonly region: string | undefined;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  count: number;
}

const second = 1000;

/** `now` in milliseconds that never go back. */
export function createRequestLog(now: () => number = () => performance.now()): RequestLog {
  const counts = new Map<string, Count>();
  /** Arrivals of the last second, the oldest first. */
  const recent: { at: number; region: string | undefined }[] = [];
  let busiest = 0;
  let total = 0;
  const busiestByRegion = new Map<string, number>();

  function arrived({ service, region }: Arrival): void {
    if (service === 'simulator') return;
    const at = now();
    total += 1;
    recent.push({ at, region });
    const old = recent.findIndex((entry) => entry.at > at - second);
    recent.splice(0, old);
    busiest = Math.max(busiest, recent.length);
    if (region === undefined) return;
    const here = recent.filter((entry) => entry.region === region).length;
    busiestByRegion.set(region, Math.max(busiestByRegion.get(region) ?? 0, here));
  }

  function ended({ service, region, method }: Arrival, route: string, status: number): void {
    if (service === 'simulator') return;
    const key = [service, region, method, route, status].join(' ');
    const known = counts.get(key);
    if (known) known.count += 1;
    else counts.set(key, { service, region, method, route, status, count: 1 });
  }

  return {
    arrived,
    ended,
    report: () => ({
      total,
      busiestSecond: busiest,
      busiestSecondByRegion: Object.fromEntries(busiestByRegion),
      requests: [...counts.values()],
    }),
    clear() {
      counts.clear();
      recent.length = 0;
      busiest = 0;
      total = 0;
      busiestByRegion.clear();
    },
  };
}
