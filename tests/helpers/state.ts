import { getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { models } from '../../src/app/models/index.ts';
import { kitModels } from '../../src/app/models/kit.ts';
import type { TestApi } from './api.ts';

/** Tables of the kit in which a refusal, or time alone, may write. */
const KIT_TABLES: readonly string[] = Object.values(kitModels).map((table) => getTableName(table));

/**
 * Every row that a call could change: accounts, sessions, and all that the product stores. A refusal may write that it
 * happened, and when a session was last seen.
 */
export async function stateOf({ sql }: Pick<TestApi, 'sql'>): Promise<unknown> {
  const own = Object.values(models).flatMap((model) => (is(model, PgTable) ? [getTableName(model)] : []));
  const tested = await sql<{ name: string }>(`select tablename as name from pg_tables where tablename like 'kit\\_%'`);
  const tables = [...own.filter((name) => !KIT_TABLES.includes(name)), ...tested.map(({ name }) => name)];
  const rows = tables.map((name) => `union all select '${name}', to_jsonb(t) from "${name}" t`);
  return sql(`
    select 'users' as kind, to_jsonb(u) as row from users u
    union all select 'sessions', to_jsonb(s) - 'last_used_at' from sessions s ${rows.join(' ')} order by 1, 2`);
}
