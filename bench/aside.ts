import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/** npm refuses a peer that asks for another patch than another one does. */
const INSTALL = 'install --ignore-scripts --legacy-peer-deps --no-audit --no-fund --prefer-offline'.split(' ');

/** Installs a folder that cannot stand beside the project's own packages, far from them. */
export async function installAside(folder: string): Promise<{ directory: string; remove: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), `back-bench-${basename(folder)}-`));
  const remove = async (): Promise<void> => rmSync(directory, { recursive: true, force: true });
  try {
    cpSync(folder, directory, { recursive: true });
    await promisify(execFile)('npm', INSTALL, { cwd: directory });
    return { directory, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
