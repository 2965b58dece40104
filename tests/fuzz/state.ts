import type pg from 'pg';

/** What the database holds, one line a table; equal texts mean equal rows. */
export type Fingerprint = Readonly<Record<string, string>>;

/** Refusals count failures and write some events down on purpose. */
const WRITTEN_BY_REFUSALS = /^(rate_limits|login_failures|audit_\w+)$/;
/** Moves with every use of a session, refused ones too. */
const MOVES_BY_ITSELF = new Set(['sessions.last_used_at']);
const REFUSAL_EVENTS = [
  'login.failed',
  'reauthentication.failed',
  'mfa.failed',
  'passkey.counter_regressed',
  'access.forbidden',
  'audit.pruned',
];

/** Looks at the whole database before and after requests that must not change it. */
export interface StateWatch {
  /** Events count from `since` on: a batch looks at its own ones only. */
  take: (since: Date) => Promise<Fingerprint>;
}

/** Reads the tables once; a fingerprint is then one statement. New tables are in it without a word. */
export async function createStateWatch(client: pg.Client): Promise<StateWatch> {
  const { rows } = await client.query<{ table_name: string; columns: string[] }>(
    `select c.table_name, array_agg(c.column_name::text order by c.ordinal_position) as columns
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where table_schema = 'public' and t.table_type = 'BASE TABLE' group by c.table_name order by c.table_name`,
  );
  const tables = rows.filter(({ table_name }) => !WRITTEN_BY_REFUSALS.test(table_name));
  const parts = tables.map(({ table_name, columns }) => {
    const kept = columns.filter((column) => !MOVES_BY_ITSELF.has(`${table_name}.${column}`)).map((name) => `"${name}"`);
    const digest = `count(*) || ' rows, ' || coalesce(sum(hashtextextended(row(${kept.join(', ')})::text, 0)), 0)`;
    return `(select ${digest} from "${table_name}") as "${table_name}"`;
  });
  const events = REFUSAL_EVENTS.map((event) => `'${event}'`).join(', ');
  parts.push(
    `(select count(*) || ' events' from audit_events
      where event not in (${events}) and created_at >= $1) as audit_events`,
  );
  const text = `select ${parts.join(', ')}`;
  return { take: async (since) => (await client.query<Record<string, string>>(text, [since])).rows[0] ?? {} };
}

/** The tables that differ, as sentences. */
export function differences(before: Fingerprint, after: Fingerprint): string[] {
  return Object.keys({ ...before, ...after })
    .filter((table) => before[table] !== after[table])
    .map((table) => `${table}: ${before[table]} before, ${after[table]} after`);
}
