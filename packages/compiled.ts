import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * What `npm pack` runs in a package's folder before it packs, and with --undo afterwards. In this repository a package runs from
 * its TypeScript sources; Node strips no types under node_modules, so what is packed is JavaScript and says so in package.json.
 */

interface Manifest {
  exports: Record<string, string>;
  bin?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  scripts?: unknown;
  devDependencies?: unknown;
  /** What a project that installs the package has to bring; here it is a development dependency, which production does without. */
  packed?: { peerDependencies: Record<string, string>; peerDependenciesMeta: Record<string, { optional: boolean }> };
}

const MANIFEST = 'package.json';
const SOURCE = 'package.json.source';
const LICENSE = 'LICENSE';

restore();
if (!process.argv.includes('--undo')) compile();

/** Also after a packing that was interrupted. */
function restore(): void {
  if (existsSync(SOURCE)) renameSync(SOURCE, MANIFEST);
  for (const made of ['dist', LICENSE]) rmSync(made, { recursive: true, force: true });
}

function compile(): void {
  const { status } = spawnSync('tsc', ['--project', '.'], { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(1);
  copyFileSync(MANIFEST, SOURCE);
  copyFileSync(join(import.meta.dirname, '..', LICENSE), LICENSE);
  // The file is our own.
  const source = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest;
  writeFileSync(MANIFEST, `${JSON.stringify(packedManifest(source), null, 2)}\n`);
}

function packedManifest({ packed, scripts: _, devDependencies: __, exports, bin, ...kept }: Manifest): object {
  return {
    ...kept,
    exports: mapValues(exports, (source) => ({ types: built(source, '.d.ts'), default: built(source, '.js') })),
    ...(bin && { bin: mapValues(bin, (source) => built(source, '.js')) }),
    ...packed,
    peerDependencies: { ...kept.peerDependencies, ...packed?.peerDependencies },
  };
}

function built(source: string, extension: string): string {
  return source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, extension);
}

function mapValues<T>(record: Record<string, string>, change: (value: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
