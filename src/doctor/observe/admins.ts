import type pg from 'pg';
import type { AdminFacts } from '../observation.ts';
import { lastRow } from './connections.ts';

/** Names of the finding; a table with more has a count. */
const MOST_NAMED = 10;

/** The administrators without a second factor; nothing before the tables of factors and passkeys are there. */
export async function observeAdmins(client: pg.Client, schema: string): Promise<AdminFacts | undefined> {
  const [users, passkeys] = ['users', 'passkeys'].map((name) => `${client.escapeIdentifier(schema)}.${name}`);
  const { is_there } = await lastRow<{ is_there: boolean }>(
    client,
    `select to_regclass('${passkeys?.replaceAll("'", "''")}') is not null as is_there`,
  );
  if (!is_there) return undefined;
  return lastRow<AdminFacts>(
    client,
    `with admins as (
       select id, email, has_factor or exists (select from ${passkeys} p where p.user_id = u.id) as is_protected
         from ${users} u where role = 'admin' and is_active and removing is distinct from 'account')
     select count(*)::int as admins, (count(*) filter (where not is_protected))::int as bare,
            coalesce((array_agg(email order by id) filter (where not is_protected))[1:${MOST_NAMED}], '{}') as bare_names
       from admins`,
  );
}
