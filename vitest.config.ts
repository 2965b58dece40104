import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/helpers/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A machine that is busy with other things is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
