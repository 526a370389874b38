import { defineConfig } from 'vitest/config';

/** Tests on real neighbours, started by `lab/run.ts`. One file after the other: they stop and kill the same Gerrit. */
export default defineConfig({
  test: {
    include: ['lab/**/*.lab.test.ts'],
    globalSetup: ['lab/require-gerrit.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
