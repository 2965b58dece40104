import type pg from 'pg';
import { expect } from 'vitest';

/** A value of each type that PostgreSQL takes as text; `n` makes it another one each time. */
const VALUES: readonly [RegExp, (n: number) => string][] = [
  [/^(smallint|integer|bigint|numeric|real|double)/, (n) => String(n)],
  [/^(text|character|citext|email|name)/, (n) => `${n}`],
  [/^uuid/, (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`],
  [/^(timestamp|date)/, (n) => `2026-01-02 00:00:0${n % 10}`],
  [/^time/, () => '03:04:05'],
  [/^interval/, () => '1 day'],
  [/^boolean/, () => 'true'],
  [/^json/, (n) => `{"n": ${n}}`],
  [/^(inet|cidr)/, () => '10.0.0.1'],
  [/^macaddr/, () => '08:00:2b:01:02:03'],
  [/^point/, () => '(1,2)'],
  [/^bytea/, () => '\\x00'],
  [/^(tst|date|int|num)\w*range/, () => 'empty'],
];

interface ColumnRow {
  name: string;
  type: string;
  is_array: boolean;
  numbers: boolean;
  first_label: string | null;
  /** One of several columns that refer together. */
  is_part_of_reference: boolean;
  target: string | null;
  target_column: string | null;
}

/**
 * Writes a row into every table as an application does, leaving to defaults what has one, and reads it back through the table
 * and every view. A column that numbers itself has to go on behind its greatest number.
 */
export async function probeRows(client: pg.Client, { keep = false } = {}): Promise<void> {
  await client.query('begin; set constraints all deferred');
  try {
    const waiting = await tablesOf(client);
    for (let tries = waiting.length * 2; waiting.length > 0 && tries > 0; tries--) {
      const table = waiting.shift() ?? '';
      if (!(await probeTable(client, table, { mayWait: tries > waiting.length + 1 }))) waiting.push(table);
    }
    await client.query('set constraints all immediate');
    await readViews(client);
    await client.query(keep ? 'commit' : 'rollback');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function probeTable(client: pg.Client, table: string, { mayWait }: { mayWait: boolean }): Promise<boolean> {
  const columns = await columnsOf(client, table);
  const filled: { column: ColumnRow; value: string }[] = [];
  for (const column of columns) {
    if (column.target !== null) {
      const { rows } = await client.query(
        `select ${column.target_column}::text as value from ${column.target} order by 1 limit 1`,
      );
      if (rows.length === 0 && mayWait) return false;
      if (rows[0] !== undefined) filled.push({ column, value: rows[0].value });
      continue;
    }
    if (column.numbers || column.is_part_of_reference) continue;
    const next = await nextNumber(client, table, column);
    const value = sampleOf(column, next);
    if (value !== undefined) filled.push({ column, value });
  }
  const before = await greatest(client, table, columns);
  const names = filled.map(({ column }) => column.name).join(', ');
  const places = filled.map(({ column }, index) => `$${index + 1}::text::${column.type}`).join(', ');
  const { rows } = await client.query(
    filled.length === 0
      ? `insert into ${table} default values returning *`
      : `insert into ${table} (${names}) values (${places}) returning *`,
    filled.map(({ value }) => value),
  );
  expect(rows, `a row into ${table}`).toHaveLength(1);
  for (const [name, number] of before)
    expect(Number(rows[0][name]), `${table}.${name} goes on behind its greatest number`).toBeGreaterThan(number);
  return true;
}

function sampleOf({ name, type, is_array, first_label }: ColumnRow, next: number): string | undefined {
  if (name === 'email') return `${next}@x`;
  if (is_array) return '{}';
  if (first_label !== null) return first_label;
  return VALUES.find(([pattern]) => pattern.test(type))?.[1](next);
}

async function nextNumber(client: pg.Client, table: string, { name, type }: ColumnRow): Promise<number> {
  const isNumber = /^(smallint|integer|bigint|numeric)(?!.*\[\])/.test(type);
  const expression = isNumber ? `coalesce(max(${name}), 0)` : 'count(*)';
  const { rows } = await client.query(`select (${expression})::int + 1 as next from ${table}`);
  return rows[0].next;
}

async function greatest(client: pg.Client, table: string, columns: readonly ColumnRow[]): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for (const { name } of columns.filter(({ numbers }) => numbers)) {
    const { rows } = await client.query(`select max(${name})::bigint as most from ${table}`);
    if (rows[0].most !== null) found.push([name.replace(/^"|"$/g, '').replaceAll('""', '"'), Number(rows[0].most)]);
  }
  return found;
}

async function readViews(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `select format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'm' as is_stored from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('v', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by c.oid`,
  );
  for (const { name, is_stored } of rows) {
    if (is_stored) await client.query(`refresh materialized view ${name}`);
    await client.query(`select * from ${name}`);
  }
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname !~ '^pg_' and schemaname <> 'information_schema' and tablename not in ('alembic_version', 'applied_revisions') order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Columns without a default of their own, those that number themselves, and single references. */
async function columnsOf(client: pg.Client, table: string): Promise<ColumnRow[]> {
  const { rows } = await client.query(
    `select format('%I', a.attname) as name, format_type(a.atttypid, a.atttypmod) as type, t.typcategory = 'A' as is_array,
            (a.attidentity <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid), '') ~ '^nextval') as numbers,
            (select enumlabel from pg_enum e where e.enumtypid = a.atttypid order by enumsortorder limit 1) as first_label,
            exists (select from pg_constraint x where x.conrelid = a.attrelid and x.contype = 'f' and cardinality(x.conkey) > 1 and a.attnum = any(x.conkey)) as is_part_of_reference,
            f.confrelid::regclass::text as target,
            (select format('%I', attname) from pg_attribute x where x.attrelid = f.confrelid and x.attnum = f.confkey[1]) as target_column
       from pg_attribute a join pg_type t on t.oid = a.atttypid
       left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       left join pg_constraint f on f.conrelid = a.attrelid and f.contype = 'f' and f.conkey = array[a.attnum]
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        and (d.oid is null or a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) ~ '^nextval') order by a.attnum`,
    [table],
  );
  return rows;
}
