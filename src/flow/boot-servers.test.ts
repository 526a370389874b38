import { afterEach, expect, test } from 'vitest';
import { prepareBootFlow } from '../../test/flow/boot-flow.ts';
import type { BootFlow } from '../../test/flow/boot-flow.ts';
import { createServerBooter } from './boot-servers.ts';

// A request may take a minute here, a test half of one.

let booting: BootFlow | undefined;

afterEach(() => booting?.drop());

async function boot(bootTimeout: number, fault?: Readonly<Record<string, unknown>>) {
  booting = await prepareBootFlow(bootTimeout);
  const { flow, rows, simulated, order } = booting;
  if (fault) await simulated.inject(fault);
  const id = await order();
  await createServerBooter(flow)();
  await expect.poll(async () => (await rows.store.findServer(id))?.state, { timeout: 20_000 }).not.toBe('building');
  const { rows: found } = await rows.database.pool.query<{ state: string; code: string | null }>(
    `select state, error_code as code from servers where id = $1`,
    [id],
  );
  return { id, ...found[0] };
}

test('a server that boots is ready', async () => {
  const server = await boot(20_000);

  expect(server).toMatchObject({ state: 'ready', code: null });
});

test.each(['compute', 'network', 'image', 'identity'])(
  'a boot is given up in its time, though %s holds a request for a minute',
  async (service) => {
    const server = await boot(1000, { fault: 'silence', service, seconds: 60, times: 100 });

    expect(server).toMatchObject({ state: 'deleting', code: 'cloud-unreachable' });
  },
);
