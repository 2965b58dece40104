import { getTableName, type SQL, sql } from 'drizzle-orm';
import { type ForeignKey, getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import type { Core } from '../../../core.ts';
import { users } from '../../../models/auth/users.ts';
import { constraintCodes, models } from '../../../models/index.ts';
import { AppError } from '../../../utils/errors.ts';
import { onFirstUse } from '../../../utils/later.ts';

/** The tables that lead from the users to rows that point to them, however far away. */
interface Chain {
  table: PgTable;
  /** The first one points to the users, the last one stands in `table`. */
  keys: readonly [...ForeignKey[], ForeignKey];
  /** What becomes of the rows. */
  fate: 'removed' | 'released' | 'holds';
}

/** Those furthest away come first: nothing cascades beyond the rows of a batch. */
const chains = onFirstUse(() => chainsFrom(users).sort((a, b) => b.keys.length - a.keys.length));
const goingChains = onFirstUse(() => chains().filter(({ fate }) => fate !== 'holds'));

/** The number of rows that go with the user; no table is counted beyond `most` + 1. */
export async function countOwned({ db }: Pick<Core, 'db'>, user_id: string, most: number): Promise<number> {
  const going = goingChains();
  if (going.length === 0) return 0;
  const counts = going.map(
    (chain) => sql`(select count(*) from (select 1 ${rowsOf(chain, user_id)} limit ${most + 1}) as owned)`,
  );
  const { rows } = await db.execute<{ owned: string }>(sql`select ${sql.join(counts, sql` + `)} as owned`);
  return Number(rows[0]?.owned ?? 0);
}

/** Throws the code of a constraint by which such rows keep the user from being deleted. */
export async function requireNotHeld({ db }: Pick<Core, 'db'>, user_id: string): Promise<void> {
  for (const chain of chains().filter(({ fate }) => fate === 'holds')) {
    const { rows } = await db.execute<{ found: number }>(sql`select 1 as found ${rowsOf(chain, user_id)} limit 1`);
    const code = constraintCodes[lastOf(chain).getName()];
    if (rows.length > 0) throw new AppError((typeof code === 'object' ? code.referenced : code) ?? 'conflict');
  }
}

/** Removes, or releases, at most `most` of the rows that go with the user; gives their number. Locked rows are left for the next call. */
export async function removeOwned({ db }: Pick<Core, 'db'>, user_id: string, most: number): Promise<number> {
  for (const chain of goingChains()) {
    const { table } = chain;
    const key = keyOf(table);
    const chosen = sql`select ${list(key)} ${rowsOf(chain, user_id)} limit ${most} for update of ${sql.identifier(getTableName(table))} skip locked`;
    const isChosen = sql.join(
      key.map((column) => sql`${column} = chosen.${nameOf(column)}`),
      sql` and `,
    );
    const change =
      chain.fate === 'removed'
        ? sql`delete from ${table} using chosen`
        : sql`update ${table} set ${released(lastOf(chain))} from chosen`;
    // Materialized: PostgreSQL may run a joined subquery again, which would choose more rows.
    const { rowCount } = await db.execute<Record<string, never>>(
      sql`with chosen as materialized (${chosen}) ${change} where ${isChosen}`,
    );
    if (rowCount) return rowCount;
  }
  return 0;
}

function chainsFrom(parent: PgTable, before: readonly ForeignKey[] = []): Chain[] {
  const passed = before.map(({ table }) => table);
  return Object.values<PgTable>(models)
    .filter((table) => table !== users && !passed.includes(table))
    .flatMap((table) => getTableConfig(table).foreignKeys)
    .filter((key) => key.reference().foreignTable === parent && key.onDelete !== 'set default')
    .flatMap((key) => {
      const chain: Chain = { table: key.table, keys: [...before, key], fate: fateOf(key) };
      return chain.fate === 'removed' ? [chain, ...chainsFrom(key.table, chain.keys)] : [chain];
    });
}

function fateOf({ onDelete }: ForeignKey): Chain['fate'] {
  if (onDelete === 'cascade') return 'removed';
  return onDelete === 'set null' ? 'released' : 'holds';
}

/** `from` the chain's tables, `where` they lead to the user. */
function rowsOf({ keys: [first, ...others] }: Chain, user_id: string): SQL {
  if (first === undefined) throw new Error('a chain has a key');
  const joins = others.map((key) => sql` join ${key.table} on ${isLinked(key)}`);
  const [owner] = first.reference().columns;
  // The check of soft deletes reads the remark: these rows go whether they are hidden or not.
  return sql`from ${first.table}${sql.join(joins)} where ${owner} = ${user_id} /* deleted ones too */`;
}

function isLinked(key: ForeignKey): SQL {
  const { columns, foreignColumns } = key.reference();
  return sql.join(
    columns.map((column, index) => sql`${column} = ${foreignColumns[index]}`),
    sql` and `,
  );
}

function released(key: ForeignKey): SQL {
  return list(key.reference().columns, (column) => sql`${nameOf(column)} = null`);
}

/** The columns that tell the table's rows apart. */
function keyOf(table: PgTable): readonly PgColumn[] {
  const { columns, primaryKeys } = getTableConfig(table);
  const key = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary);
  if (key.length === 0)
    throw new Error(`${getTableName(table)} has no primary key, so its rows cannot be removed in batches`);
  return key;
}

function list(columns: readonly PgColumn[], write = (column: PgColumn): SQL => sql`${column}`): SQL {
  return sql.join(columns.map(write), sql`, `);
}

function nameOf({ name }: PgColumn): SQL {
  return sql`${sql.identifier(name)}`;
}

function lastOf({ keys }: Chain): ForeignKey {
  // A chain has at least one key, as its type says.
  return keys.at(-1) as ForeignKey;
}
