import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/images/*.test.ts'],
    globalSetup: ['tests/images/engine.ts'],
    pool: 'forks',
    // One machine's worth of containers.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
