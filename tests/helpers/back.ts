import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SECRET_KEY } from './api.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/cli/main.ts');
/** Where bin/back.js keeps it too: compiled code makes a start twice as fast. */
const NODE_COMPILE_CACHE = join(ROOT, 'node_modules/.cache/node');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the `back` command as a process of its own, with nothing of the developer's environment. */
export async function back(
  args: string[],
  { env = {}, input = '', cwd }: { env?: Record<string, string>; input?: string | Buffer; cwd?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: cwd ?? import.meta.dirname,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE, SECRET_KEY, ENVIRONMENT: 'test', BCRYPT_COST: '10', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A command that ends before it has read everything is no failure of the test.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr };
}
