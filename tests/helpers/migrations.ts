import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createMigrator, type Migrator, type MigratorOptions } from 'pg-revisions';
import { inject } from 'vitest';

/** An empty database and an empty folder of revisions. */
export interface MigrationProject {
  url: string;
  directory: string;
  /** A connection of the test's own; ended with the project. */
  connect: () => Promise<pg.Client>;
  migrator: (options?: Partial<Omit<MigratorOptions, 'url'>>) => Migrator;
  /** Writes a revision's folder by hand. */
  write: (revision: WrittenRevision) => string;
  sql: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;
  /** Empties database and folder: quicker than others of their own. */
  reset: () => Promise<void>;
  /** Drops the database and removes the folder. */
  end: () => Promise<void>;
}

export interface WrittenRevision {
  id: string;
  down?: string | undefined;
  message?: string;
  upgrade?: string;
  downgrade?: string;
}

/** A project of its own on the run's server, or on the one at `server`. */
export async function createProject({
  server = inject('postgres_url'),
}: {
  server?: string;
} = {}): Promise<MigrationProject> {
  const name = `migrate_${randomBytes(6).toString('hex')}`;
  const admin = await connectTo(server);
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const directory = mkdtempSync(join(tmpdir(), 'back-migrations-'));
  const opened: pg.Client[] = [];
  const connect = async (): Promise<pg.Client> => {
    const client = await connectTo(url.href);
    opened.push(client);
    return client;
  };
  const end = async (): Promise<void> => {
    await Promise.all(opened.map((client) => client.end().catch(() => {})));
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
    rmSync(directory, { recursive: true, force: true });
  };
  let shared: Promise<pg.Client> | undefined;
  const reset = async (): Promise<void> => {
    shared ??= connect();
    await (await shared).query(DROP_EVERYTHING);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
  };
  return {
    url: url.href,
    directory,
    reset,
    end,
    connect,
    migrator: (options = {}) => createMigrator({ directory, connect, ...options }),
    write: (revision) => writeFolder(directory, revision),
    sql: async (text, values) => {
      shared ??= connect();
      return (await (await shared).query(text, values)).rows;
    },
  };
}

/** A connection that nobody else ends. */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  return client;
}

const DROP_EVERYTHING = `do $$
declare name text;
begin
  for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
    execute format('drop schema %I cascade', name);
  end loop;
  create schema public;
end $$`;

let minutes = 0;

/** Writes a revision's folder by hand. */
export function writeFolder(
  directory: string,
  { id, down = '', message = `change ${id}`, upgrade = '', downgrade = '' }: WrittenRevision,
): string {
  const date = new Date(Date.UTC(2026, 0, 1, 0, minutes++)).toISOString().slice(0, 16).replace('T', ' ');
  const path = join(directory, `${date.replace(/\D/g, '')}_${id}_${message.replace(/\W+/g, '_')}`);
  mkdirSync(path);
  const header = [
    `-- ${message}`,
    '--',
    `-- Revision ID: ${id}`,
    `-- Revises: ${down}`.trimEnd(),
    `-- Create Date: ${date}`,
  ];
  writeFileSync(join(path, 'upgrade.sql'), `${header.join('\n')}\n\n${upgrade}\n`);
  writeFileSync(join(path, 'downgrade.sql'), `${downgrade}\n`);
  return path;
}
