import type { DatabaseConfig } from '../config.ts';

/** The settings that a statement of ours depends on, with the value that it needs. */
export type SessionSettings = Readonly<Record<string, string>>;

/**
 * What a role, a database or an earlier statement of the same session may have set otherwise: how values are written and
 * read, which tables a name means, how a transaction begins, and how long a statement may take: for ever without a timeout.
 */
export function sessionSettings(config: DatabaseConfig, { statement_timeout_seconds = 0 } = {}): SessionSettings {
  return {
    search_path: `"${config.database_schema}", public, extensions`,
    datestyle: 'ISO, MDY',
    intervalstyle: 'postgres',
    timezone: 'UTC',
    bytea_output: 'hex',
    extra_float_digits: '1',
    standard_conforming_strings: 'on',
    default_transaction_isolation: 'read committed',
    default_transaction_read_only: 'off',
    default_transaction_deferrable: 'off',
    lock_timeout: '0',
    statement_timeout: String(statement_timeout_seconds * 1000),
  };
}

/** The statement that makes the settings hold for the session. */
export function forSession(settings: SessionSettings): string {
  const calls = Object.entries(settings).map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', false)`);
  return `select ${calls.join(', ')}`;
}

/** The beginning of a transaction, whatever its defaults are. */
export const BEGIN = 'begin isolation level read committed read write';

/** The statements after BEGIN that make the settings hold for the transaction. */
export function forTransaction(settings: SessionSettings): string[] {
  return Object.entries(settings)
    .filter(([name]) => !name.startsWith('default_transaction'))
    .map(([name, value]) => `set local ${name} = ${name === 'search_path' ? value : `'${value}'`}`);
}

const CHANGES_SESSION =
  /^\s*(?:set\s+(?!local\b|transaction\b|constraints\b)|reset\b|discard\b|listen\b)|\bset_config\s*\((?!.*\btrue\s*\))/i;

/** True for a statement that leaves something in the session: its connection must not serve another one. */
export function changesSession(text: string): boolean {
  return CHANGES_SESSION.test(text);
}
