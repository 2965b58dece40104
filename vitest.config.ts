import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // They need an engine and some minutes: npm run test:images.
    exclude: [...configDefaults.exclude, 'tests/images/**'],
    globalSetup: ['tests/helpers/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A machine that is busy with other things is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
