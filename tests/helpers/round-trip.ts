import type pg from 'pg';
import { expect } from 'vitest';
import type { Change } from '../migrate/catalogue/change.ts';
import type { MigrationProject } from './migrations.ts';
import { probeRows } from './probe-rows.ts';
import { dumpSchema } from './schema-dump.ts';

/**
 * Autogenerates the state before and the change, applies, reverts and applies again, and compares what is there each time:
 * the schema by the catalogue's own view, and by `pg_dump` where there is one; the rows by their content. After each step
 * every table takes a row and gives it back: a schema that looks equal and takes none is a failure.
 */
export async function roundTrip(
  project: MigrationProject,
  change: Change,
  pgDump: () => Promise<string> = async () => '',
): Promise<void> {
  const client = await project.connect();
  if (change.given) await client.query(change.given);
  const before = project.migrator(statesOf(change, 'before'));
  const after = project.migrator(statesOf(change, 'after'));
  await before.revision({ message: 'before', autogenerate: true, empty: true });
  await before.upgrade('head');
  if (change.rows) await client.query(change.rows);
  await probeRows(client);
  const start = { schema: await dumpSchema(client), bytes: await pgDump(), rows: await rowsOf(client) };

  const answers = { renamed: (change.rename ?? []).map(renameOf), created: change.create ?? [] };
  const revision = await after.revision({ message: 'after', autogenerate: true, answers });
  expect(revision, 'the change was noticed').toBeDefined();
  await after.upgrade('head');
  const end = await dumpSchema(client);
  if (change.loses === undefined) expect(await countOf(client)).toBe(countIn(start.rows));
  expect(await after.check(), 'models, migrations and database agree').toEqual([]);
  // A row of the new state stays for the way back, if it can.
  const written = change.written ?? 'stays';
  await probeRows(client, { keep: written === 'stays' });

  await after.downgrade('-1');
  const reverted = await dumpSchema(client);
  expect(change.moves ? linesOf(reverted) : reverted).toEqual(change.moves ? linesOf(start.schema) : start.schema);
  if (!change.moves) expect(await pgDump()).toBe(start.bytes);
  await probeRows(client);
  if (change.loses === undefined) expectAll(await rowsOf(client), start.rows);

  await after.upgrade('head');
  const again = await dumpSchema(client);
  expect(change.moves ? linesOf(again) : again).toEqual(change.moves ? linesOf(end) : end);
  await probeRows(client);
  expect(await after.check(), 'models, migrations and database agree once more').toEqual([]);
  await client.end();
}

/** A dump without the places of its columns: what steps aside comes back as the last one. */
function linesOf(dump: string): string[] {
  return dump
    .split('\n')
    .map((line) => line.replace(/ #\d+ /, ' '))
    .sort();
}

/** Every row of before is there again; those that were written in between may be too. */
function expectAll(rows: Record<string, unknown[]>, before: Record<string, unknown[]>): void {
  expect(Object.keys(rows)).toEqual(Object.keys(before));
  for (const [table, list] of Object.entries(before)) expect(rows[table]).toEqual(expect.arrayContaining(list));
}

function statesOf({ before, after, objects }: Change, state: 'before' | 'after') {
  return {
    models: async () => (state === 'before' ? before : after),
    objects: async () => objects?.[state] ?? {},
  };
}

function renameOf(text: string): { from: string; to: string } {
  const [from = '', to = ''] = text.split(':');
  return { from, to };
}

async function rowsOf(client: pg.Client): Promise<Record<string, unknown[]>> {
  const rows: Record<string, unknown[]> = {};
  for (const table of await tablesOf(client)) {
    const result = await client.query(`select to_jsonb(t) as row from ${table} t order by 1`);
    rows[table] = result.rows.map(({ row }) => row);
  }
  return rows;
}

async function countOf(client: pg.Client): Promise<number> {
  return countIn(await rowsOf(client));
}

function countIn(rows: Record<string, unknown[]>): number {
  return Object.values(rows).reduce((sum, list) => sum + list.length, 0);
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname !~ '^pg_' and schemaname <> 'information_schema' and tablename not in ('alembic_version', 'applied_revisions') order by 1`,
  );
  return rows.map(({ name }) => name);
}
