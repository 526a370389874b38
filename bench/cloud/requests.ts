import { z } from 'zod';
import type { World } from '../../test/story/world/world.ts';

const reportSchema = z.object({
  total: z.number(),
  busiestSecond: z.number(),
  busiestTenSecondsByRegion: z.record(z.string(), z.number()),
  requests: z.array(z.object({ service: z.string(), method: z.string(), route: z.string(), count: z.number() })),
});

/** What the simulated cloud was asked since it began to count. */
export interface Requests {
  readonly total: number;
  /** Most requests that arrived in any second: after a stall of the simulator those of a longer time arrive together. */
  readonly busiestSecond: number;
  /** Most per second over any ten seconds. */
  readonly busiestRate: number;
  /** By service, method and pattern of the path. */
  readonly byRoute: ReadonlyMap<string, number>;
}

/** Reads the simulator's counts and begins again. */
export async function takeRequests({ cloud }: World): Promise<Requests> {
  const url = new URL('/simulator/requests', cloud.authUrl);
  const { total, busiestSecond, busiestTenSecondsByRegion, requests } = reportSchema.parse(
    await (await fetch(url)).json(),
  );
  await fetch(url, { method: 'DELETE' });
  const byRoute = new Map<string, number>();
  for (const { service, method, route, count } of requests) {
    const key = `${service} ${method} ${route}`;
    byRoute.set(key, (byRoute.get(key) ?? 0) + count);
  }
  const busiestRate = Math.max(0, ...Object.values(busiestTenSecondsByRegion)) / 10;
  return { total, busiestSecond, busiestRate, byRoute };
}
