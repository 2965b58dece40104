#!/usr/bin/env node
// The `back` command's first step, in plain JavaScript for whatever Node the machine has: install what is missing,
// then go on under the project's own Node, which runs the TypeScript sources as they are.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const INSTALLED = join(MODULES, '.package-lock.json');
const LOCKED = join(ROOT, 'package-lock.json');
const WINDOWS = process.platform === 'win32';
const OLDEST_MAJOR = 20;
const NEEDED_MAJOR = 24;
const MAJOR = Number(process.versions.node.split('.')[0]);
/** V8's defaults assume much free memory; docs/performance.md has what each of these saves and costs. */
const MEMORY = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=30',
  '--no-maglev',
  '--no-allocation-site-pretenuring',
];
/** Node is pinned, so that what it calls experimental does not change under our feet; the console's modules lose their types by such a function. */
const PINNED = '--disable-warning=ExperimentalWarning';
/** Verbs of development: they need the development dependencies too. */
const DEVELOPMENT = new Set(['dev', 'test']);
/** Verbs that run for long and ask nothing: signals reach them through this process alone, once each. */
const LONG_RUNNING = new Set(['dev', 'test', 'run', 'work']);

const verb = process.argv[2] ?? '';
/** What a signal is passed on to: npm, then the command itself. */
let child;

if (MAJOR < OLDEST_MAJOR) fail(`Node ${OLDEST_MAJOR}.20 or newer is needed; this is ${process.versions.node}`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) forward(signal);
// A process of another group than the terminal's does not learn of a new width by itself.
if (!WINDOWS) process.on('SIGWINCH', () => child?.kill('SIGWINCH'));
if (LONG_RUNNING.has(verb)) whenNpmDies(() => child?.kill('SIGTERM'));
if (needsInstall()) await installOnce();
run(findNode());

function needsInstall() {
  if (!existsSync(INSTALLED)) return true;
  if (DEVELOPMENT.has(verb) && !hasDevelopmentDependencies()) return true;
  // npm writes this file last; a lockfile that came later (git pull) has something new only if its content says so.
  return existsSync(LOCKED) && statSync(LOCKED).mtimeMs > statSync(INSTALLED).mtimeMs && !isInstalled();
}

function hasDevelopmentDependencies() {
  return existsSync(join(MODULES, '.bin/vitest'));
}

/** True if node_modules has every package of this machine in the locked version. */
function isInstalled() {
  const [locked, present] = [LOCKED, INSTALLED].map((file) => JSON.parse(readFileSync(file, 'utf8')).packages);
  const isProduction = !hasDevelopmentDependencies();
  return Object.entries(locked).every(([path, { version, optional, dev, devOptional }]) => {
    const mayBeAbsent = optional || (isProduction && (dev || devOptional));
    return path === '' || present[path]?.version === version || (mayBeAbsent && !present[path]);
  });
}

/** Two commands at once on a fresh clone would tear each other's node_modules apart: the second one waits. */
async function installOnce() {
  const lock = join(ROOT, '.data/npm-ci.pid');
  mkdirSync(dirname(lock), { recursive: true, mode: 0o700 });
  let waiting = false;
  while (!take(lock)) {
    if (!waiting) console.error('Another command installs the dependencies; waiting for it …');
    waiting = true;
    await sleep(500);
  }
  try {
    if (!waiting || needsInstall()) await install(lock);
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isRunning(Number(readOr(lock, '')))) rmSync(lock, { force: true });
    return false;
  }
}

async function install(lock) {
  const isProduction = !DEVELOPMENT.has(verb) && existsSync(INSTALLED) && !hasDevelopmentDependencies();
  const scope = isProduction ? '--omit=dev' : '--include=dev';
  console.error('Installing dependencies (npm ci); this takes a minute the first time …');
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  child = spawn('npm', ['ci', scope, '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: WINDOWS,
  });
  if (child.pid) writeFileSync(lock, String(child.pid));
  // npm draws its own progress on a terminal only.
  const progress = setInterval(() => console.error(`  … still installing (${seconds()} s)`), 10_000);
  if (process.stderr.isTTY) clearInterval(progress);
  const { error, code, signal } = await ended(child);
  clearInterval(progress);
  if (error) fail('npm was not found; install Node.js with npm and try again');
  if (signal) process.exit(exitCode({ signal }));
  if (code !== 0) fail('npm ci failed; see its message above');
  console.error(`Installed in ${seconds()} s`);
}

function ended(process) {
  return new Promise((resolve) => {
    process.once('error', (error) => resolve({ error }));
    process.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** The project's pinned Node, or the one that runs this if it is new enough (production installs have no other). */
function findNode() {
  const pinned = join(MODULES, WINDOWS ? 'node/bin/node.exe' : 'node/bin/node');
  if (existsSync(pinned)) return pinned;
  if (MAJOR >= NEEDED_MAJOR) return process.execPath;
  return fail(
    `Node ${NEEDED_MAJOR} or newer is needed (this is ${process.versions.node}); install it, or let npm bring it: npm ci --include=dev --ignore-scripts=false`,
  );
}

async function run(node) {
  const args = [...MEMORY, PINNED, join(ROOT, 'src/cli/main.ts'), ...process.argv.slice(2)];
  // Compiled code is kept between starts. The channel tells the child when this process is gone, even by SIGKILL.
  const env = { NODE_COMPILE_CACHE: join(MODULES, '.cache/node'), ...process.env };
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  child = spawn(node, args, { env, stdio, detached: LONG_RUNNING.has(verb) && !WINDOWS });
  const { error, code, signal } = await ended(child);
  // The pinned Node wants glibc; on Alpine the machine's own may do.
  if (error && node !== process.execPath && MAJOR >= NEEDED_MAJOR) return run(process.execPath);
  if (error) fail(`The project's own Node does not run here (${error.message}); install Node ${NEEDED_MAJOR} or newer`);
  process.exit(exitCode({ code, signal }));
}

function exitCode({ code, signal }) {
  return signal ? 128 + constants.signals[signal] : (code ?? 1);
}

/** Passes a signal on. npm and the terminal both send Ctrl-C: what comes twice within a moment is one. */
function forward(signal) {
  let last = 0;
  process.on(signal, () => {
    if (child === undefined) process.exit(exitCode({ signal }));
    const isRepeated = Date.now() - last < 500;
    last = Date.now();
    // Any other verb may ask for input: it is left in the terminal's group and has the Ctrl-C already.
    if (!isRepeated && (signal !== 'SIGINT' || LONG_RUNNING.has(verb))) child.kill(signal);
  });
}

/** Stops the server when npm ends. A shell between npm and this process forwards no signal, and no process forwards SIGKILL. */
function whenNpmDies(stop) {
  if (process.env.npm_lifecycle_event === undefined || WINDOWS) return;
  const parent = process.ppid;
  const { ppid, command } = parentOf(parent);
  const watched = /^(da|ba|z|k|a)?sh$/.test(command) ? [parent, ppid] : [parent];
  const timer = setInterval(() => {
    if (process.ppid === parent && watched.every(isRunning)) return;
    clearInterval(timer);
    stop();
  }, 250);
  timer.unref();
}

function parentOf(pid) {
  // /proc first: small images have no ps. The name is in parentheses and may hold anything.
  const [, command, ppid] = /^\d+ \((.*)\) \S (\d+)/s.exec(readOr(`/proc/${pid}/stat`, '')) ?? psOf(pid) ?? [];
  return { command: command ?? '', ppid: Number(ppid) };
}

function psOf(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'comm=,ppid=', '-p', String(pid)], { encoding: 'utf8' });
  return /^(?:.*\/)?-?(.*?)\s+(\d+)\s*$/.exec(stdout ?? '');
}

function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
