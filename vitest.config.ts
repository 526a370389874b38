import { configDefaults, defineConfig } from 'vitest/config';

/** `unit`: beside their source, fast. `story`: whole stories with real processes, a real PostgreSQL and the simulators. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          globalSetup: ['test/global-setup.ts'],
          include: [
            'src/**/*.test.ts',
            'simulators/**/*.test.ts',
            'lab/**/*.test.ts',
            'bin/**/*.test.ts',
            'test/*.test.ts',
          ],
          // They need a real Gerrit: `npm run test:lab`.
          exclude: [...configDefaults.exclude, '**/*.lab.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Vitest leaves one core to others, of two that is half.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'story',
          globalSetup: ['test/global-setup.ts'],
          include: ['test/story/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // They wait a third of their time: with a fourth they would keep each other from what they wait for on two cores.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
