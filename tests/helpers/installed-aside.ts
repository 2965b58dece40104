import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { installAside } from './aside.ts';

const FOLDERS = join(import.meta.dirname, '../client');

/** Installs a folder of tests/client for one test; skips the test if npm cannot. */
export async function installedAside(name: string, context: TestContext): Promise<string> {
  const made = await installAside(join(FOLDERS, name)).catch((error: Error) => context.skip(error.message));
  onTestFinished(made.remove);
  return made.directory;
}
