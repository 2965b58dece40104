import { defineConfig } from 'vitest/config';
import { testFiles } from './tests/tiers.ts';

const { BACK_TESTS, BACK_TESTS_ALSO = '' } = process.env;
/** The tests of every change share the processes of the two workers: to load the application for each file is half of their time. */
const areShared = BACK_TESTS === 'change' && BACK_TESTS_ALSO === '';

export default defineConfig({
  test: {
    include: testFiles(BACK_TESTS, BACK_TESTS_ALSO.split(',')),
    globalSetup: ['tests/helpers/global-setup.ts'],
    pool: 'forks',
    isolate: !areShared,
    maxWorkers: 2,
    // A machine that is busy with other things is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
