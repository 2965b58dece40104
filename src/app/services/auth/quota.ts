import { and, type Column, eq, getColumns, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { RequestContext } from '../../context.ts';
import { atOnce, inOrder } from '../../database.ts';
import { users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';

/** A table whose rows belong to an account. */
type Owned = PgTable & { owner_id: PgColumn };

interface OwnedRow {
  row: { owner_id: string };
  columns: Record<string, PgColumn>;
  most: number;
  among?: SQL;
}

/**
 * Writes a row unless its owner has `most` of them already, among those that `among` names if it is given; gives the `columns`
 * of the row, or `undefined`. Rows that a soft delete hides count: they are stored. Throws session_ended if the account is gone.
 */
export async function insertOwned<Row>(
  ctx: RequestContext,
  table: Owned,
  { row, columns, most, among }: OwnedRow,
): Promise<Row | undefined> {
  const isOwner = eq(users.id, row.owner_id);
  const owned = sql`select 1 from ${table} where ${and(eq(table.owner_id, row.owner_id), among)} limit ${most}`;
  // Sent at once: the owner's row is locked first, so that of two at once the second one counts the first.
  return atOnce(ctx, async (ctx) => {
    const [[owner], made] = await inOrder([
      ctx.db.select({ id: users.id }).from(users).where(isOwner).for('no key update'),
      ctx.db
        .insert(table)
        .select(
          ctx.db
            .select(valuesOf(table, row))
            .from(users)
            .where(and(isOwner, sql`(select count(*) from (${owned}) as owned) < ${most}`))
            .getSQL(),
        )
        .returning(columns),
    ]);
    if (owner === undefined) throw new AppError('session_ended');
    // The columns are those of a Row, which the caller names.
    return (made as Row[])[0];
  });
}

/** A row as a selection: every column with its value, or with what stands for it if none is given. */
function valuesOf(table: Owned, row: object): Record<string, SQL.Aliased> {
  const given = row as Record<string, unknown>;
  const values = Object.entries(getColumns(table)).map(([name, column]) => {
    const value = given[name] === undefined ? initialOf(column) : sql.param(given[name], column);
    return [name, sql`${value}::${sql.raw(typeOf(column))}`.as(column.name)];
  });
  return Object.fromEntries(values);
}

/** The column's type; Drizzle tells the dimensions of a list apart from it. */
function typeOf(column: PgColumn): string {
  return column.getSQLType() + '[]'.repeat(column.dimensions);
}

/** A `null` of the row is a value; a column that the row leaves out has its default. */
function initialOf(column: Column): unknown {
  const { defaultFn, default: initial } = column;
  const value: unknown = defaultFn === undefined ? initial : defaultFn();
  if (value === undefined) return sql`null`;
  return typeof value === 'object' && value !== null && 'queryChunks' in value ? value : sql.param(value, column);
}
