import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig, readEnvironment } from '../app/config.ts';
import { isListening } from '../devdb/probe.ts';
import { type DevDatabase, ensureLocalDatabase } from './dev-database.ts';
import { startDevServer } from './dev-server.ts';
import { CommandError } from './errors.ts';
import { projectMigrator } from './migrator.ts';

const ROOT = join(import.meta.dirname, '../..');

/** `back dev`, `npm run dev`: everything that a fresh clone needs, then the server with reload. */
export function registerDev(program: Command): void {
  program
    .command('dev')
    .description('serve with reload, on an embedded PostgreSQL where none is configured')
    .action(async () => {
      process.chdir(ROOT);
      writeEnvironmentFile();
      const config = loadConfig(readEnvironment());
      await requireFreePort(config.host, config.port);
      const stop = await startAll(config);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop());
    });
}

async function startAll({ host, port }: { host: string; port: number }): Promise<() => Promise<void>> {
  const progress = (step: string): void => console.log(`  ${step} …`);
  const isOwn = !readEnvironment().DATABASE_URL?.trim();
  const database: DevDatabase = isOwn
    ? await ensureLocalDatabase({ root: ROOT, onProgress: progress })
    : { description: 'the one of DATABASE_URL', stop: async () => {} };
  try {
    await projectMigrator().upgrade('head');
  } catch (error) {
    await database.stop();
    throw error;
  }
  console.log(banner({ host, port, database: database.description }));
  const server = startDevServer({
    root: ROOT,
    onRestart: () => console.log('  Sources changed: restarting …'),
  });
  return async () => {
    await server.stop();
    await database.stop();
    process.exit(0);
  };
}

/** `.env` from `.env.example` with a key of its own, readable by its owner only; an existing file is left alone. */
function writeEnvironmentFile(): void {
  const file = join(ROOT, '.env');
  if (existsSync(file)) return;
  const example = readFileSync(join(ROOT, '.env.example'), 'utf8');
  const key = randomBytes(48).toString('base64url');
  writeFileSync(file, example.replace(/^SECRET_KEY=.*$/m, `SECRET_KEY=${key}`), { mode: 0o600, flag: 'wx' });
  console.log('  Wrote .env with a new SECRET_KEY');
}

async function requireFreePort(host: string, port: number): Promise<void> {
  if (port !== 0 && (await isListening(host === '0.0.0.0' ? '127.0.0.1' : host, port))) {
    throw new CommandError(
      `Port ${port} is taken, perhaps by another "npm run dev": stop it, or set PORT to another one`,
    );
  }
}

function banner({ host, port, database }: { host: string; port: number; database: string }): string {
  const url = `http://${['127.0.0.1', '0.0.0.0', '::'].includes(host) ? 'localhost' : host}:${port}`;
  return [
    '',
    `  Back API   ${url}`,
    `  Docs       ${url}/docs   (also /redoc, /openapi.json)`,
    `  Health     ${url}/health`,
    `  Database   ${database}`,
    '  Admin      npx back create-admin you@example.com',
    '',
    '  Changes under src/ reload it. Ctrl-C stops it.',
    '',
  ].join('\n');
}
