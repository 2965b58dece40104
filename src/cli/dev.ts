import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { loadConfig, readEnvironment } from '../app/config.ts';
import { product } from '../app/product.ts';
import { type DevDatabase, ensureLocalDatabase } from './dev/database.ts';
import { startDevServer } from './dev/server.ts';
import { projectMigrator } from './migrator.ts';
import { CommandError } from './ui/errors.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A server that was killed a moment ago still holds its port for as long. */
const PORT_WITHIN_MS = 3000;

/** `back dev`, `npm run dev`: everything that a fresh clone needs, then the server with reload. */
export function registerDev(program: Command): void {
  program
    .command('dev')
    .description('serve with reload, on an embedded PostgreSQL if none is configured')
    .action(async () => {
      process.chdir(ROOT);
      const started = new AsyncDisposableStack();
      const stop = stopOnSignals(started);
      try {
        await startAll(started, stop);
      } catch (error) {
        // What stops under our feet because of a signal is no error.
        if (stop.signal.aborted) return;
        await started.disposeAsync();
        throw error;
      }
    });
}

/** Ends everything that was started, in reverse order, at the first signal or on request; a second signal waits for nothing. */
function stopOnSignals(started: AsyncDisposableStack): AbortController {
  const stop = new AbortController();
  stop.signal.addEventListener('abort', async () => {
    await started.disposeAsync();
    process.exit(stop.signal.reason instanceof Error ? 1 : 0);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => (stop.signal.aborted ? process.exit(1) : stop.abort(signal)));
  }
  return stop;
}

async function startAll(started: AsyncDisposableStack, stop: AbortController): Promise<void> {
  writeEnvironmentFile();
  const { host, port } = loadConfig(readEnvironment());
  await requireFreePort(host, port);
  const isOwn = !readEnvironment().DATABASE_URL?.trim();
  const database: DevDatabase = isOwn
    ? await ensureLocalDatabase({ root: ROOT, onProgress: (step) => say(`${step} …`) })
    : { description: 'the one of DATABASE_URL', stop: async () => {} };
  started.defer(database.stop);
  void database.ended?.then(() => {
    if (stop.signal.aborted) return;
    say('The embedded PostgreSQL ended; see .data/postgres.log and start again');
    stop.abort(new Error('the database ended'));
  });
  await projectMigrator({
    onStep: ({ revision, duration_ms }) =>
      say(`Applied revision ${revision.id}  ${revision.message}  (${Math.round(duration_ms)} ms)`),
    onWait: (reason) => say(`Waiting: ${reason}`),
  }).upgrade('head');
  let isFirst = true;
  const server = startDevServer({
    root: ROOT,
    onReady: (duration_ms) => {
      if (isFirst) console.log(banner({ host, port, database: database.description }));
      else say(`Ready again after ${duration_ms} ms`);
      isFirst = false;
    },
    onRestart: (file) => say(`${file} changed: restarting …`),
    onCrash: () => say('The server ended; the next change under src/ starts it again'),
  });
  started.defer(server.stop);
}

function say(line: string): void {
  console.log(`  ${line}`);
}

/** `.env` from `.env.example` with a key of its own, readable by its owner only; an existing file is left alone. */
function writeEnvironmentFile(): void {
  const file = join(ROOT, '.env');
  if (existsSync(file)) return;
  const example = readFileSync(join(ROOT, '.env.example'), 'utf8');
  const key = randomBytes(48).toString('base64url');
  writeFileSync(file, example.replace(/^SECRET_KEY=.*$/m, `SECRET_KEY=${key}`), { mode: 0o600, flag: 'wx' });
  say('Wrote .env with a new SECRET_KEY');
}

async function requireFreePort(host: string, port: number): Promise<void> {
  const deadline = Date.now() + PORT_WITHIN_MS;
  while (!(await isFree(host, port))) {
    if (Date.now() > deadline) {
      throw new CommandError(
        `Port ${port} is taken, perhaps by another "npm run dev": stop it, or set PORT to another one`,
      );
    }
    await sleep(100);
  }
}

/** Listens for a moment, as the server will. Rejects if that fails for another reason than a taken port. */
function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen({ host, port }, () => server.close(() => resolve(true)));
  });
}

function banner({ host, port, database }: { host: string; port: number; database: string }): string {
  const name = ['127.0.0.1', '0.0.0.0', '::'].includes(host) ? 'localhost' : host;
  const url = `http://${name}:${port === 0 ? '(a free port, in the log below)' : port}`;
  return [
    '',
    `  ${product.name}   ${url}`,
    `  Docs       ${url}/docs   (also /redoc, /openapi.json)`,
    `  Health     ${url}/health`,
    `  Database   ${database}`,
    '  Admin      npx back create-admin you@example.com',
    '',
    '  Changes under src/ reload it. Ctrl-C stops it.',
    '',
  ].join('\n');
}
