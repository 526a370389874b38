import { defineConfig } from 'vitest/config';
import { allParts, isPart, neighboursOf } from './parts.ts';

/** `lab/run.ts` says which. */
const wanted = process.env['SIDEGATE_LAB_PARTS']?.split(',').filter(isPart) ?? allParts;

/** Tests on real neighbours, started by `lab/run.ts`. One file after the other: they stop and kill the same neighbours. */
export default defineConfig({
  test: {
    include: wanted.map((part) => `lab/${part}/**/*.lab.test.ts`),
    globalSetup: neighboursOf(wanted).map((name) => `lab/require-${name}.ts`),
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
