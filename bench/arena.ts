import { join } from 'node:path';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { installAside } from '../tests/helpers/aside.ts';
import type { ServerName } from './cases.ts';
import { createFixtures, type Fixtures } from './fixtures.ts';
import { applicationCommand, type Server, type ServerOptions, startServer } from './servers.ts';
import { createWaysIn, type WaysIn } from './ways-in.ts';

/** One PostgreSQL, filled, and the servers on it, each idle until its turn. */
export interface Arena {
  readonly fixtures: Fixtures;
  readonly ways_in: WaysIn;
  readonly servers: ReadonlyMap<ServerName, Server>;
  /** Starts the application once more and tells how long it takes until it is ready. */
  timeStart: () => Promise<number>;
  close: () => Promise<void>;
}

export interface ArenaOptions {
  servers: ReadonlySet<ServerName>;
  profile_directory?: string;
  /** The checkout that `other` runs. */
  other_directory?: string;
  onProgress: (step: string) => void;
}

/** Starts everything; what was started is stopped again where a part of it fails. */
export async function openArena({
  servers: names,
  other_directory = '.',
  onProgress,
  ...options
}: ArenaOptions): Promise<Arena> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of closers.splice(0).reverse()) await stop();
  };
  try {
    const postgres = await startThrowAwayPostgres({ onProgress });
    closers.push(() => postgres.stop());
    onProgress('Filling the database');
    const fixtures = await createFixtures(postgres.url);
    closers.push(fixtures.close);
    const commandOf = async (name: ServerName): Promise<ServerOptions> => {
      if (name !== 'better-auth-passkeys') return serverOptions(name, fixtures, other_directory);
      const aside = await installAside(inRoot('bench/baselines/passkeys'));
      closers.push(async () => aside.remove());
      const env = { ...fixtures.env, DATABASE_URL: fixtures.env.BETTER_AUTH_PASSKEYS_URL ?? '' };
      return { name, env, command: [join(aside.directory, 'server.js')], ready_path: '/api/auth/ok' };
    };
    const servers = new Map<ServerName, Server>();
    for (const name of names) {
      onProgress(`Starting ${name}`);
      const server = await startServer({ ...(await commandOf(name)), ...options });
      closers.push(server.stop);
      servers.set(name, server);
    }
    if (names.has('better-auth')) await fixtures.fillBetterAuth();
    const ways_in = await createWaysIn(fixtures, {
      hasBetterAuth: names.has('better-auth'),
      hasBetterAuthPasskeys: names.has('better-auth-passkeys'),
    });
    closers.push(ways_in.close);
    return { fixtures, ways_in, servers, close, timeStart: () => timeStart(fixtures) };
  } catch (error) {
    await close();
    throw error;
  }
}

function serverOptions(name: ServerName, { env }: Fixtures, other_directory = '.'): ServerOptions {
  if (name === 'back' || name === 'other') {
    const command = name === 'back' ? applicationCommand() : applicationCommand(other_directory);
    return { name, env, command, ready_path: '/health/ready' };
  }
  const command = [inRoot(`bench/baselines/${name}.ts`)];
  if (name !== 'better-auth') return { name, env, command, ready_path: name === 'bcrypt' ? '/' : '/health' };
  return { name, env: { ...env, DATABASE_URL: env.BETTER_AUTH_URL ?? '' }, command, ready_path: '/api/auth/ok' };
}

function inRoot(path: string): string {
  return join(import.meta.dirname, '..', path);
}

async function timeStart(fixtures: Fixtures): Promise<number> {
  const options = { ...serverOptions('back', fixtures), command: [inRoot('bin/back.js'), 'run'] };
  const server = await startServer(options);
  await server.stop();
  return server.ready_ms;
}
