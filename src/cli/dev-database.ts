import { join } from 'node:path';
import { LOCAL_DATABASE_URL } from '../app/config.ts';
import { createDatabase, type EmbeddedPostgres, startPostgres } from '../devdb/postgres.ts';
import { probe } from '../devdb/probe.ts';
import { CommandError } from './errors.ts';

export interface DevDatabase {
  /** For the banner. */
  description: string;
  stop: () => Promise<void>;
}

/** Makes sure that a PostgreSQL answers at the seed's local URL: the one that is there, or one of our own in `data_directory`. */
export async function ensureLocalDatabase({
  root,
  onProgress,
}: {
  root: string;
  onProgress: (step: string) => void;
}): Promise<DevDatabase> {
  const { port, username, password, pathname, host } = new URL(LOCAL_DATABASE_URL);
  const nothingToStop = async (): Promise<void> => {};
  switch (await probe(LOCAL_DATABASE_URL)) {
    case 'ready':
      return { description: `the PostgreSQL that already runs on ${host}`, stop: nothingToStop };
    case 'no_database':
      onProgress(`Creating database ${pathname.slice(1)} on the PostgreSQL that already runs`);
      await createDatabase(LOCAL_DATABASE_URL);
      return { description: `the PostgreSQL that already runs on ${host}`, stop: nothingToStop };
    case 'wrong_credentials':
      throw new CommandError(
        `Another PostgreSQL on ${host} refuses ${username}:${password}; stop it, or set DATABASE_URL to what it accepts`,
      );
    case 'starting':
      throw new CommandError(`The PostgreSQL on ${host} is still starting; try again in a moment`);
    case 'not_postgres':
      throw new CommandError(`Port ${port} is taken by something that is not PostgreSQL; stop it, or set DATABASE_URL`);
    case 'nothing': {
      const data_directory = join(root, '.data/postgres');
      const embedded: EmbeddedPostgres = await startPostgres({
        data_directory,
        port: Number(port),
        user: username,
        password,
        database: pathname.slice(1),
        onProgress,
      });
      return { description: 'embedded PostgreSQL 17, data in .data/', stop: () => embedded.stop() };
    }
  }
}
