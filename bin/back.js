#!/usr/bin/env node
// The `back` command's first step, in plain JavaScript for whatever Node the machine has: install what is missing,
// then go on under the project's own Node, which runs the TypeScript sources as they are.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const NEEDED_MAJOR = 24;
/** V8 lets garbage grow to 192 MB before it looks; with this bound a loaded server needs half the memory, for some 5 % of its speed. */
const YOUNG_GENERATION = '--max-semi-space-size=8';
/** Verbs of development: they need the development dependencies too. */
const DEVELOPMENT = new Set(['dev', 'test']);

const verb = process.argv[2] ?? '';
if (needsInstall()) install();
run(findNode());

function needsInstall() {
  const installed = join(MODULES, '.package-lock.json');
  if (!existsSync(installed)) return true;
  if (!DEVELOPMENT.has(verb)) return false;
  if (!existsSync(join(MODULES, '.bin/vitest'))) return true;
  // npm writes this file last; a lockfile that came later (git pull) has something new only if its content says so.
  const lockfile = join(ROOT, 'package-lock.json');
  return statSync(lockfile).mtimeMs > statSync(installed).mtimeMs && !isInstalled(lockfile, installed);
}

/** True where every package that belongs on this machine stands in node_modules in the locked version. */
function isInstalled(lockfile, installed) {
  const locked = JSON.parse(readFileSync(lockfile, 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(locked).every(
    ([path, { version, optional }]) =>
      path === '' || present[path]?.version === version || (optional && !present[path]),
  );
}

function install() {
  console.error('Installing dependencies (npm ci); this takes a minute the first time …');
  const started = Date.now();
  const quiet = ['--no-fund', '--no-audit', '--loglevel=error'];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status, error } = spawnSync(npm, ['ci', ...quiet], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) fail('npm was not found; install Node.js with npm (20.20 or newer) and try again');
  if (status !== 0) fail('npm ci failed; see its message above');
  console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** The project's pinned Node, or the one that runs this where it is new enough (production installs have no other). */
function findNode() {
  const pinned = join(MODULES, process.platform === 'win32' ? 'node/bin/node.exe' : 'node/bin/node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath;
  return fail(
    `Node ${NEEDED_MAJOR} or newer is needed (this is ${process.versions.node}); run "npm ci", which brings it, or install it`,
  );
}

function run(node) {
  const args = [YOUNG_GENERATION, join(ROOT, 'src/cli/main.ts'), ...process.argv.slice(2)];
  // Compiled code is kept between starts. The channel tells the child when this process is gone, even by SIGKILL.
  const env = { NODE_COMPILE_CACHE: join(MODULES, '.cache/node'), ...process.env };
  const child = spawn(node, args, { env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // Ctrl-C reaches the child by itself; only wait for it.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  if (verb === 'dev') whenNpmDies(() => child.kill('SIGTERM'));
  child.on('error', (error) => fail(`The command could not be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

/** A killed npm leaves its shell waiting, and us with it; its process is the shell's parent. */
function whenNpmDies(stop) {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return;
  const npm = Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(process.ppid)], { encoding: 'utf8' }).stdout);
  if (!(npm > 1)) return;
  const timer = setInterval(() => {
    try {
      process.kill(npm, 0);
    } catch {
      clearInterval(timer);
      stop();
    }
  }, 1000);
  timer.unref();
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
