import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished, type TestContext } from 'vitest';
import { nodeEnvironment } from './packed-packages.ts';

const FOLDERS = join(import.meta.dirname, '../client');
const INSTALL =
  'install --ignore-scripts --legacy-peer-deps --no-audit --no-fund --prefer-offline --fetch-retries=1'.split(' ');
/** How this machine trusts the registry. */
const { NODE_EXTRA_CA_CERTS } = process.env;

/** Installs a folder of tests/client far from the project's own packages; skips the test if npm cannot. */
export async function installedAside(name: string, context: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), `back-${basename(name)}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(FOLDERS, name), folder, { recursive: true });
  const { code, output } = await runAside(folder, 'npm', ...INSTALL);
  if (code !== 0 || !existsSync(join(folder, 'node_modules'))) context.skip(`${name} cannot be installed: ${output}`);
  return folder;
}

/** Runs a program there to its end. */
export async function runAside(
  cwd: string,
  program: string,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const trust = NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS };
  const env = nodeEnvironment({ CI: 'true', NO_COLOR: '1', ...trust });
  const running = promisify(execFile)(program, args, { cwd, env });
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error) => ({ code: error.code, output: `${error.stdout}${error.stderr}` }),
  );
}
