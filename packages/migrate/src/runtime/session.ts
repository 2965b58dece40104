import type pg from 'pg';
import { literal } from './versions.ts';

/** A setting that another program made in the session: a pooler sets its clients' time zone and encoding like this. */
export interface SessionSetting {
  name: string;
  setting: string;
}

/** The settings that the session has before a revision runs in it. A transaction pooler gives each of its servers the same ones. */
export async function readSessionSettings(client: pg.Client): Promise<SessionSetting[]> {
  const { rows } = await client.query(`select name, setting from pg_settings where source = 'session' order by name`);
  return rows;
}

/**
 * SQL that ends what the statements of a transaction have left in its session: roles, settings, temporary tables, cursors,
 * channels, session locks. It stands in the same transaction, since behind a transaction pooler the next one may meet another
 * session. Not `DISCARD ALL`, which refuses to be in a transaction, nor `DEALLOCATE ALL`, which takes the pooler's own statements.
 */
export function cleanSessionSql(settings: readonly SessionSetting[], { prepares = false } = {}): string[] {
  return [
    // Deferred constraints are still checked by the role and with the settings of the revision.
    'set constraints all immediate',
    'close all',
    'set session authorization default',
    'reset role',
    'reset all',
    ...settings.map(({ name, setting }) => `select set_config(${literal(name)}, ${literal(setting)}, false)`),
    'discard temp',
    'unlisten *',
    ...(prepares ? [DEALLOCATE] : []),
    UNLOCK,
  ];
}

/** SQL that ends a failed transaction, with what a rollback leaves: session locks and prepared statements. */
export const ROLLBACK_SQL = ['rollback', 'select pg_advisory_unlock_all()'].join(';\n');

const UNLOCK = 'select pg_advisory_unlock_all()';
const DEALLOCATE = `do $$
declare statement text;
begin
  for statement in select name from pg_prepared_statements where from_sql loop
    execute format('deallocate %I', statement);
  end loop;
end $$`;
