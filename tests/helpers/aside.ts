import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { nodeEnvironment } from './packed-packages.ts';

/** npm refuses a peer that asks for another patch than another one does. */
const INSTALL =
  'install --ignore-scripts --legacy-peer-deps --no-audit --no-fund --prefer-offline --fetch-retries=1'.split(' ');
/** How this machine trusts the registry. */
const { NODE_EXTRA_CA_CERTS } = process.env;

/** Installs a folder that cannot stand beside the project's own packages, far from them. */
export async function installAside(folder: string): Promise<{ directory: string; remove: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), `back-${basename(folder)}-`));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  cpSync(folder, directory, { recursive: true });
  const { code, output } = await runAside(directory, 'npm', ...INSTALL);
  if (code === 0 && existsSync(join(directory, 'node_modules'))) return { directory, remove };
  remove();
  throw new Error(`${basename(folder)} cannot be installed: ${output}`);
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
