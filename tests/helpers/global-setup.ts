import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { createMigrator } from 'pg-revisions';
import type { TestProject } from 'vitest/node';
import { REVISIONS } from '../../src/app/database/revisions-directory.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** An administrator's URL of the run's throw-away server. */
    postgres_url: string;
    /** A database at head, to clone from. */
    template_database: string;
  }
}

const TEMPLATE = 'template_at_head';

/** One throw-away PostgreSQL for the whole run, with a migrated database to clone from. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const removeFolder = useOwnTemporaryFolder();
  // Races may meet in a deadlock, which the server looks for after a second of its own.
  const postgres = await startThrowAwayPostgres({ settings: { deadlock_timeout: '100ms' } });
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query(`create database ${TEMPLATE}`);
  await admin.end();
  const url = new URL(postgres.url);
  url.pathname = `/${TEMPLATE}`;
  const connectTemplate = async (): Promise<pg.Client> => {
    const client = new pg.Client(url.href);
    await client.connect();
    return client;
  };
  await createMigrator({ ...REVISIONS, connect: connectTemplate }).upgrade('heads');
  project.provide('postgres_url', postgres.url);
  project.provide('template_database', TEMPLATE);
  return async () => {
    await postgres.stop();
    removeFolder();
  };
}

/** What tests, or servers that they kill, leave in the folder for temporary files goes with the run. */
function useOwnTemporaryFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'back-tests-'));
  // Servers of another user work in folders beneath it.
  chmodSync(folder, 0o711);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
