import { defineConfig } from 'vitest/config';

/** `npm run test:lab -- --only` says which neighbour; without it, both. */
const only = process.env['SIDEGATE_LAB_ONLY'];
const neighbours = only === undefined ? ['gerrit', 'openstack'] : [only];

/** Tests on real neighbours, started by `lab/run.ts`. One file after the other: they stop and kill the same neighbours. */
export default defineConfig({
  test: {
    include: neighbours.map((name) => `lab/${name}/**/*.lab.test.ts`),
    globalSetup: neighbours.map((name) => `lab/require-${name}.ts`),
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
