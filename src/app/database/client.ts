import pg from 'pg';
import type { Config, DatabaseConfig } from '../config.ts';
import { type Connection, parseConnectionString } from './connection-string.ts';
import { withTlsFallback } from './tls-fallback.ts';

/** Connects a client outside of the pool, for migrations and scripts; the caller ends it. */
export async function connectClient(config: DatabaseConfig, overrides: pg.ClientConfig = {}): Promise<pg.Client> {
  const options = { ...connectionOptions(config), ...overrides };
  return withTlsFallback(connectionOf(config).may_fall_back, async (transport) => {
    const client = new pg.Client(transport === 'in clear' ? { ...options, ssl: false } : options);
    await client.connect();
    return client;
  });
}

/** The driver's options for the configured URL. TLS follows `sslmode` as in libpq; it is on by default for remote hosts. */
export function connectionOptions(config: DatabaseConfig): pg.ClientConfig {
  const { connectionString, ssl } = connectionOf(config);
  return { connectionString, ssl, application_name: 'back-api', connectionTimeoutMillis: 10_000 };
}

/** The startup parameters of the pool's connections; none through a transaction pooler, which drops or refuses them. */
export function startupParameters(
  config: DatabaseConfig & Pick<Config, 'statement_timeout_seconds'>,
): Pick<pg.ClientConfig, 'statement_timeout'> {
  if (isThroughTransactionPooler(config)) return {};
  return { statement_timeout: config.statement_timeout_seconds * 1000 };
}

/** True if each statement can reach another server process: Supabase's pooler on port 6543, PgBouncer in transaction mode. */
export function isThroughTransactionPooler(config: DatabaseConfig): boolean {
  if (config.database_pooler !== 'auto') return config.database_pooler === 'transaction';
  return connectionOf(config).port === 6543;
}

/** The parsed form of the configured URL. */
export function connectionOf(config: DatabaseConfig): Connection {
  return parseConnectionString(config.database_url.reveal());
}
