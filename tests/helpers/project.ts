import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkModules } from './linked-modules.ts';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = ['bin', 'packages', 'src', 'migrations', 'package.json', 'package-lock.json', '.env.example', '.npmrc'];

/** A fresh clone of the working copy in a temporary folder: what is checked in and runs, and the installed dependencies. */
export function cloneProject({ with_modules = true } = {}): { root: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'clone-'));
  for (const part of PARTS) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  if (with_modules) linkModules(root);
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** The environment without what the developer, the test runner or an outer npm has set for this project. */
export function cleanEnvironment(more: Record<string, string> = {}): Record<string, string | undefined> {
  const mine =
    /^(npm_|VITEST|BACK_TESTS|NODE_|SECRET_KEY$|DATABASE_|PORT$|HOST$|WORKERS$|ENVIRONMENT$|LOG_LEVEL$|TEST$|MODE$|DEV$|PROD$)/;
  const others = Object.entries(process.env).filter(([name]) => !mine.test(name));
  // Compiled code of the dependencies is shared by all clones.
  return { NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node'), ...Object.fromEntries(others), ...more };
}
