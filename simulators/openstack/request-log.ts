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

/** Windows in which the largest number of requests is kept (ms). A stall of this process bunches requests within the shorter one. */
const windows = { second: 1000, tenSeconds: 10_000 } as const;

/** `now` in milliseconds that never go back. */
export function createRequestLog(now: () => number = () => performance.now()): RequestLog {
  const counts = new Map<string, Count>();
  let busiest = busiestWindows();
  let total = 0;

  function arrived({ service, region }: Arrival): void {
    if (service === 'simulator') return;
    total += 1;
    busiest.arrived(now(), region);
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
    report: () => ({ total, ...busiest.report(), requests: [...counts.values()] }),
    clear() {
      counts.clear();
      total = 0;
      busiest = busiestWindows();
    },
  };
}

function busiestWindows() {
  const all = { second: busiestWindow(windows.second), tenSeconds: busiestWindow(windows.tenSeconds) };
  const regions = new Map<string, typeof all>();
  return {
    arrived(at: number, region: string | undefined): void {
      const known = region === undefined ? undefined : regions.get(region);
      const own = known ?? { second: busiestWindow(windows.second), tenSeconds: busiestWindow(windows.tenSeconds) };
      if (region !== undefined) regions.set(region, own);
      for (const window of [all.second, all.tenSeconds, own.second, own.tenSeconds]) window.arrived(at);
    },
    report: () => ({
      busiestSecond: all.second.most(),
      busiestSecondByRegion: mostOf('second'),
      busiestTenSecondsByRegion: mostOf('tenSeconds'),
    }),
  };

  function mostOf(window: keyof typeof windows): Record<string, number> {
    return Object.fromEntries([...regions].map(([region, own]) => [region, own[window].most()]));
  }
}

/** The largest number of arrivals within any `length` ms. */
function busiestWindow(length: number) {
  const recent: number[] = [];
  let most = 0;
  return {
    arrived(at: number): void {
      recent.push(at);
      while (recent[0]! <= at - length) recent.shift();
      most = Math.max(most, recent.length);
    },
    most: () => most,
  };
}
