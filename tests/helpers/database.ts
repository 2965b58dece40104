import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { NOTES_SQL } from './test-product/notes.ts';

/**
 * An empty database of its own, at head, cloned from the run's template, on demand with the table of the notes; `drop` removes
 * it and ends its connections.
 */
export async function createTestDatabase({ with_notes = false } = {}): Promise<{
  url: string;
  sql: <Row extends pg.QueryResultRow>(statement: string) => Promise<Row[]>;
  drop: () => Promise<void>;
}> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name} template ${inject('template_database')}`);
  const url = new URL(inject('postgres_url'));
  url.pathname = `/${name}`;
  if (with_notes) await onServer(NOTES_SQL, url.href);
  return {
    url: url.href,
    sql: (statement) => onServer(statement, url.href),
    drop: async () => void (await onServer(`drop database if exists ${name} with (force)`)),
  };
}

async function onServer<Row extends pg.QueryResultRow>(
  statement: string,
  url = inject('postgres_url'),
): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
