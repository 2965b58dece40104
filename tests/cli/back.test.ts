import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Started, start } from '../helpers/processes.ts';
import { cleanEnvironment, cloneProject } from '../helpers/project.ts';

const MODULES = join(import.meta.dirname, '../../node_modules');
/** Stands in for npm, which needs the network: notes how it was called, and brings what is installed here. */
const NPM = `#!/bin/sh
echo "$@" >> npm.log
sleep "\${NPM_TAKES:-0}"
[ -z "$NPM_HANGS" ] || exec sleep 60
[ -z "$NPM_FAILS" ] || { echo 'npm error: no network' >&2; exit 1; }
mkdir -p node_modules
ln -sf "${MODULES}"/* node_modules/
case "$*" in *--include=dev*) ln -sfn "${MODULES}/.bin" node_modules/.bin ;; esac
cp "${MODULES}/.package-lock.json" node_modules/
`;

let clone: ReturnType<typeof cloneProject>;

beforeEach(() => {
  clone = cloneProject({ with_modules: false });
  mkdirSync(join(clone.root, 'npm'));
  writeFileSync(join(clone.root, 'npm/npm'), NPM, { mode: 0o755 });
});

afterEach(() => clone.remove());

function back(args: string[], environment: Record<string, string> = {}): Started {
  const env = cleanEnvironment({ PATH: `${join(clone.root, 'npm')}:${process.env.PATH}`, ...environment });
  return start(process.execPath, ['bin/back.js', ...args], { cwd: clone.root, env });
}

/** Runs a command to its end; its exit code, its output, and the calls of npm so far. */
async function ran(args: string[], environment: Record<string, string> = {}) {
  const { ended, output } = back(args, environment);
  const code = await ended;
  const log = join(clone.root, 'npm.log');
  const calls = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  return { code, output: output(), calls };
}

/** What `npm ci --omit=dev` leaves: everything but the programs of development. */
function installProduction(): void {
  const modules = join(clone.root, 'node_modules');
  mkdirSync(modules);
  const packages = readdirSync(MODULES).filter((name) => !['.bin', 'vitest', 'node'].includes(name));
  for (const name of packages) symlinkSync(join(MODULES, name), join(modules, name));
  rmSync(join(modules, '.package-lock.json'));
  const { packages: all, ...rest } = JSON.parse(readFileSync(join(MODULES, '.package-lock.json'), 'utf8'));
  const kept = Object.entries<{ dev?: boolean; devOptional?: boolean }>(all).filter(
    ([, { dev, devOptional }]) => !dev && !devOptional,
  );
  writeFileSync(join(modules, '.package-lock.json'), JSON.stringify({ ...rest, packages: Object.fromEntries(kept) }));
}

/** A pull that brings a lockfile; with another version of a package, or just as it was. */
function pull(changed?: string): void {
  const path = join(clone.root, 'package-lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  if (changed !== undefined) lock.packages[`node_modules/${changed}`].version = '999.0.0';
  writeFileSync(path, JSON.stringify(lock));
  const later = new Date(Date.now() + 60_000);
  utimesSync(path, later, later);
}

describe('bin/back.js', () => {
  it('installs what is missing, once, development dependencies too whatever NODE_ENV says', async () => {
    const first = await ran(['history'], { NODE_ENV: 'production' });
    expect(first).toMatchObject({ code: 0, calls: ['ci --include=dev --no-fund --no-audit --loglevel=error'] });
    expect(first.output).toMatch(/Installing dependencies[\s\S]*Installed in \d+ s[\s\S]*<base> ->/);
    const second = await ran(['history']);
    expect(second).toMatchObject({ code: 0, calls: first.calls });
    expect(second.output).not.toContain('Install');
  });

  it('installs again when the lockfile has changed, and only then', async () => {
    await ran(['history']);
    pull();
    expect((await ran(['test', '--help'])).calls).toHaveLength(1);
    pull('vitest');
    expect((await ran(['history'])).calls).toHaveLength(2);
  });

  it('leaves a production install alone, and renews it as one', async () => {
    installProduction();
    pull('vitest');
    expect(await ran(['history'])).toMatchObject({ code: 0, calls: [] });
    pull('pg');
    expect((await ran(['history'])).calls).toEqual(['ci --omit=dev --no-fund --no-audit --loglevel=error']);
  });

  it('adds the development dependencies for the commands that need them', async () => {
    installProduction();
    const { code, calls } = await ran(['test', '--help']);
    expect(code).toBe(0);
    expect(calls).toEqual(['ci --include=dev --no-fund --no-audit --loglevel=error']);
  });

  it('says that npm failed, or is missing, and does not go on', async () => {
    const failed = await ran(['history'], { NPM_FAILS: 'yes' });
    expect(failed.code).toBe(1);
    expect(failed.output).toMatch(/npm error: no network\nnpm ci failed; see its message above\n$/);
    expect(await ran(['history'], { PATH: join(clone.root, 'src') })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/npm was not found; install Node\.js with npm and try again\n$/),
    });
    expect(existsSync(join(clone.root, 'node_modules'))).toBe(false);
  });

  it('lets one of two commands install while the other waits', async () => {
    const slow = { NPM_TAKES: '1' };
    const [one, other] = await Promise.all([ran(['history'], slow), ran(['history'], slow)]);
    for (const { code, output } of [one, other]) {
      expect(code).toBe(0);
      expect(output).toContain('<base> ->');
    }
    expect(`${one.output}${other.output}`.match(/Another command installs/g)).toHaveLength(1);
    expect((await ran(['history'])).calls).toHaveLength(1);
  });

  it('installs although one that was killed has left its mark', async () => {
    mkdirSync(join(clone.root, '.data'));
    writeFileSync(join(clone.root, '.data/npm-ci.pid'), '999999999');
    expect(await ran(['history'])).toMatchObject({ code: 0, calls: [expect.stringMatching(/^ci /)] });
    expect(readdirSync(join(clone.root, '.data'))).toEqual([]);
  });

  it('stops npm when it is told to stop', async () => {
    const { child, until, ended } = back(['dev'], { NPM_HANGS: 'yes' });
    await until(/Installing/);
    while (!existsSync(join(clone.root, 'npm.log'))) await new Promise(setImmediate);
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
  });

  it('passes the exit code of the command on', async () => {
    await ran(['history']);
    expect((await ran(['nonsense'])).code).toBe(1);
  });
});
