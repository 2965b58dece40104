import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, startPostgres } from 'pg-devdb';
import { type Listener, probe } from 'pg-devdb/probe';
import { LOCAL_DATABASE_URL } from '../../app/config.ts';
import { CommandError } from '../ui/errors.ts';
import { claimDatabase } from './claim.ts';

export interface DevDatabase {
  /** For the banner. */
  description: string;
  /** Settles when an embedded server is gone, on request or not. */
  ended?: Promise<void>;
  stop: () => Promise<void>;
}

export interface LocalDatabaseOptions {
  root: string;
  /** Where the application will look for it. */
  url?: string;
  onProgress: (step: string) => void;
}

/** A server that starts or stops is waited for: after a crash it may be our own, on its way out. */
const SETTLES_WITHIN_MS = 30_000;
const POLL_MS = 100;

/** Makes sure that a PostgreSQL answers at the seed's local URL: the one that is there, or one of our own in `.data/`. */
export async function ensureLocalDatabase(options: LocalDatabaseOptions): Promise<DevDatabase> {
  const { root, url = LOCAL_DATABASE_URL } = options;
  const database = await findOrStart(options);
  await claimDatabase(url, root).catch(async (error: unknown) => {
    await database.stop();
    throw error;
  });
  return database;
}

async function findOrStart({ root, url = LOCAL_DATABASE_URL, onProgress }: LocalDatabaseOptions): Promise<DevDatabase> {
  const { port, username, password, pathname, host } = new URL(url);
  const found = { description: `the PostgreSQL that already runs on ${host}`, stop: async () => {} };
  switch (await settled(url, onProgress)) {
    case 'ready':
      return found;
    case 'no_database':
      onProgress(`Creating database ${pathname.slice(1)} on the PostgreSQL that already runs`);
      await createMissing(url);
      return found;
    case 'wrong_credentials':
      throw new CommandError(
        `Another PostgreSQL on ${host} refuses ${username}:${password}; stop it, or set DATABASE_URL to what it accepts`,
      );
    case 'refuses':
      throw new CommandError(`The PostgreSQL on ${host} takes no connections; see its log, or set DATABASE_URL`);
    case 'starting':
      throw new CommandError(`The PostgreSQL on ${host} is still starting; try again when it has, or set DATABASE_URL`);
    case 'not_postgres':
      throw new CommandError(`Port ${port} is taken by something that is not PostgreSQL; stop it, or set DATABASE_URL`);
    case 'nothing': {
      const { ended, stop } = await startPostgres({
        dataDirectory: join(root, '.data/postgres'),
        port: Number(port),
        user: username,
        password,
        database: pathname.slice(1),
        onProgress,
      });
      return { description: 'embedded PostgreSQL 17, data in .data/', ended, stop };
    }
  }
}

/** What listens at the URL once it has made up its mind. */
async function settled(url: string, onProgress: (step: string) => void): Promise<Listener> {
  const deadline = Date.now() + SETTLES_WITHIN_MS;
  let state = await probe(url);
  if (state === 'starting') onProgress('Waiting for the PostgreSQL that is starting or stopping');
  while (state === 'starting' && Date.now() < deadline) {
    await sleep(POLL_MS);
    state = await probe(url);
  }
  if (state !== 'not_postgres') return state;
  // A server that ends drops its last callers without a word.
  await sleep(POLL_MS);
  return probe(url);
}

async function createMissing(url: string): Promise<void> {
  try {
    await createDatabase(url);
  } catch (error) {
    const { username, pathname, host } = new URL(url);
    throw new CommandError(
      `The PostgreSQL on ${host} has no database ${pathname.slice(1)}, and ${username} may not create it; create it, or set DATABASE_URL`,
      { cause: error },
    );
  }
}
