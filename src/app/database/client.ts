import pg from 'pg';
import type { Config, DatabaseConfig } from '../config.ts';
import { type Connection, parseConnectionString } from '../utils/connection-string.ts';
import { createFailover } from './failover.ts';
import { withTlsFallback } from './tls-fallback.ts';

const CONNECT_TIMEOUT_SECONDS = 10;

/** Connects a client outside of the pool, for migrations and scripts; the caller ends it. */
export async function connectClient(config: DatabaseConfig, overrides: pg.ClientConfig = {}): Promise<pg.Client> {
  const connection = connectionOf(config);
  const options = { ...connectionOptions(connection), ...overrides };
  const failover = createFailover(connection);
  return failover.connect((target) =>
    withTlsFallback(connection.may_fall_back, async (transport) => {
      const client = new pg.Client({ ...options, ...target, ...(transport === 'in clear' && { ssl: false }) });
      await client.connect();
      await failover.requireSuitable(client).catch(async (error: unknown) => {
        await client.end();
        throw error;
      });
      return client;
    }),
  );
}

/** The driver's options but for the server: who logs in, to what, and how the session begins. */
export function connectionOptions(connection: Connection): pg.ClientConfig {
  const { user, password, database, options, application_name, connect_timeout_seconds, channel_binding } = connection;
  return {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(database !== '' && { database }),
    ...(options !== undefined && { options }),
    enableChannelBinding: channel_binding,
    application_name: application_name ?? 'back-api',
    connectionTimeoutMillis: (connect_timeout_seconds ?? CONNECT_TIMEOUT_SECONDS) * 1000,
  };
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
