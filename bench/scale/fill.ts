import type pg from 'pg';
import { migrate } from '../fixtures.ts';
import { rowsFor, type TableRows } from './rows.ts';

export interface FillOptions {
  url: string;
  size: number;
  /** The hash of everybody's password. */
  hash: string;
  onProgress: (step: string) => void;
}

const BATCH = 500_000;
const MONTHS = 11;

/** Migrates an empty database and fills it: rows in sets, every index but the keys made afterwards, then VACUUM and ANALYZE. */
export async function fill(client: pg.Client, { url, size, hash, onProgress }: FillOptions): Promise<void> {
  await migrate(url);
  const filled_at = Date.now();
  // Neither triggers nor foreign keys: the rows follow from numbers and keep the rules by themselves.
  await client.query(`set session_replication_role = replica`);
  await client.query(`set maintenance_work_mem = '512MB'`);
  await makeMonths(client);
  const indexes = await dropIndexes(client);
  for (const rows of rowsFor(size, { filled_at, hash })) await insertRows(client, rows, { size, onProgress });
  for (const { name, create } of indexes) {
    onProgress(`${amount(size)}: ${name}`);
    await client.query(create);
  }
  onProgress(`${amount(size)}: VACUUM, ANALYZE`);
  await client.query('vacuum (analyze, freeze)');
  await client.query('reset session_replication_role');
  // Last, since it says that all the rest is done.
  await client.query(`comment on table users is '${JSON.stringify({ size, filled_at })}'`);
}

/** When a database was filled; `undefined` where that was never done, or not to the end. */
export async function filledAt(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query(`select obj_description(to_regclass('users')) as text`);
  const text: string | null = rows[0]?.text;
  return text === null ? undefined : JSON.parse(text).filled_at;
}

/** `10 thousand`, `1 million`: sizes as one says them. */
export function amount(size: number): string {
  if (size >= 1_000_000) return `${size / 1_000_000} million`;
  return size >= 1000 ? `${size / 1000} thousand` : String(size);
}

async function insertRows(
  client: pg.Client,
  { table, count, insert }: TableRows,
  { size, onProgress }: Pick<FillOptions, 'size' | 'onProgress'>,
): Promise<void> {
  const started = performance.now();
  for (let first = 0; first < count; first += BATCH) {
    const end = Math.min(first + BATCH, count);
    await client.query(insert, [first, end - 1]);
    const rate = Math.round(end / (performance.now() - started));
    onProgress(`${amount(size)}: ${table} ${end} of ${count}, ${rate} thousand a second`);
  }
}

/** The past months: a year's events lie in as many partitions at every size. */
async function makeMonths(client: pg.Client): Promise<void> {
  await client.query(`do $$
    declare month timestamp;
    begin
      for back in 1..${MONTHS} loop
        month := date_trunc('month', now() at time zone 'UTC') - back * interval '1 month';
        execute format('create table audit_events_%s partition of audit_events for values from (%L) to (%L)',
          to_char(month, 'YYYY_MM'), month::text || '+00', (month + interval '1 month')::text || '+00');
      end loop;
    end $$`);
}

/** Takes every index away that is no primary key, and gives what makes it again. */
async function dropIndexes(client: pg.Client): Promise<{ name: string; create: string }[]> {
  const { rows } = await client.query<{ name: string; create: string; drop: string }>(`
    select index.relname as name,
      case when con.oid is null then replace(pg_get_indexdef(index.oid), ' ON ONLY ', ' ON ')
        else format('alter table %s add constraint %I %s', x.indrelid::regclass, con.conname, pg_get_constraintdef(con.oid))
      end as create,
      case when con.oid is null then format('drop index %I', index.relname)
        else format('alter table %s drop constraint %I', x.indrelid::regclass, con.conname) end as drop
    from pg_index x join pg_class index on index.oid = x.indexrelid left join pg_constraint con on con.conindid = x.indexrelid and con.contype = 'u'
    where x.indrelid in ('users'::regclass, 'sessions'::regclass, 'kit_notes'::regclass, 'audit_events'::regclass)
      and not x.indisprimary
    order by index.relname`);
  for (const { drop } of rows) await client.query(drop);
  return rows;
}
