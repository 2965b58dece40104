import type pg from 'pg';

/** What a statement did to the relations that were there before it. */
export interface Measured {
  /** Written anew: they have another file. */
  rewritten: string[];
  /** Their rows were read. */
  read: string[];
  /** The strongest lock on each that others could notice. */
  locks: Record<string, string>;
}

const NOTICED = [
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

interface Relation {
  oid: number;
  name: string;
  kind: string;
  file: number;
  rows: number;
}

/** Runs a script in a transaction that is rolled back, and says what PostgreSQL did for it. */
export async function measure(client: pg.Client, sql: string): Promise<Measured> {
  await client.query('begin');
  try {
    const before = await relations(client);
    await client.query(sql);
    const after = new Map((await relations(client)).map((relation) => [relation.oid, relation]));
    const changed = (differs: (old: Relation, now: Relation) => boolean): string[] =>
      before.filter((old) => differs(old, after.get(old.oid) ?? old)).map(({ name }) => name);
    return {
      rewritten: changed((old, now) => now.file !== old.file),
      read: changed((old, now) => now.rows > old.rows),
      locks: await locksOn(
        client,
        before.filter(({ kind }) => kind !== 'i'),
      ),
    };
  } finally {
    await client.query('rollback');
  }
}

async function relations(client: pg.Client): Promise<Relation[]> {
  const { rows } = await client.query<Relation>(
    `select oid::int, relname as name, relkind as kind, relfilenode::int as file,
            coalesce(pg_stat_get_xact_tuples_returned(oid), 0)::int as rows
       from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'm', 'v', 'i')`,
  );
  return rows;
}

async function locksOn(client: pg.Client, before: readonly Relation[]): Promise<Record<string, string>> {
  const { rows } = await client.query<{ oid: number; level: string }>(
    `select relation::int as oid, upper(regexp_replace(replace(mode, 'Lock', ''), '([a-z])([A-Z])', '\\1 \\2', 'g')) as level
       from pg_locks where pid = pg_backend_pid() and locktype = 'relation'`,
  );
  const strongest = before.flatMap(({ oid, name }) => {
    const level = NOTICED.findLast((each) => rows.some((row) => row.oid === oid && row.level === each));
    return level === undefined ? [] : [[name, level]];
  });
  return Object.fromEntries(strongest);
}
