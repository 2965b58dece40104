import { BlockList, isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import type pg from 'pg';
import type { Config, DatabaseConfig } from '../../app/config.ts';
import { connectionOf, startupParameters } from '../../app/database/client.ts';
import type { PoolerLimits, PoolSession, TlsObservation } from '../observation.ts';
import { type Connections, lastRow } from './connections.ts';

/** PgBouncer's console is a database of this name. */
const ADMIN_CONSOLE = 'pgbouncer';

const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6');

/** How the way to the server is kept from others. */
export function observeTls(client: pg.Client, config: DatabaseConfig): TlsObservation {
  const { stream } = client.connection;
  const {
    targets: [{ ssl }],
    ssl_mode,
  } = connectionOf(config);
  // Typed as a plain stream; it is a socket, of TCP or of a file.
  const address = (stream as { remoteAddress?: string }).remoteAddress ?? '';
  const ip = address.replace(/^::ffff:/, '');
  const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
  const encrypted = stream instanceof TLSSocket ? stream : undefined;
  return {
    ssl_mode,
    is_local: address === '' || ip === '::1' || ip.startsWith('127.'),
    is_private: isIP(ip) !== 0 && PRIVATE.check(ip, family),
    has_root: ssl !== false && ssl.ca !== undefined,
    protocol: encrypted?.getProtocol() ?? undefined,
    valid_to: encrypted && validUntil(encrypted),
  };
}

/** Opens a session as the application's pool does, and reads what the server made of its deadlines. */
export async function observePoolSession(
  { open }: Connections,
  config: DatabaseConfig & Pick<Config, 'statement_timeout_seconds'>,
): Promise<PoolSession> {
  try {
    const client = await open(startupParameters(config));
    const deadlines = await lastRow<Omit<PoolSession, 'refused'>>(
      client,
      `select max(setting::int) filter (where name = 'statement_timeout') as statement_timeout_ms,
              max(setting::int) filter (where name = 'idle_in_transaction_session_timeout') as idle_in_transaction_timeout_ms
         from pg_settings where name in ('statement_timeout', 'idle_in_transaction_session_timeout')`,
    );
    return { refused: undefined, ...deadlines };
  } catch (error) {
    const isRefusal = error instanceof Error && /startup parameter/i.test(error.message);
    if (!isRefusal) throw error;
    return { refused: error.message, statement_timeout_ms: 0, idle_in_transaction_timeout_ms: 0 };
  }
}

/** Asks PgBouncer's admin console, which lets in whom `admin_users` or `stats_users` name. */
export async function observePoolerLimits({ open }: Connections, config: DatabaseConfig): Promise<PoolerLimits> {
  const console = await open({ database: ADMIN_CONSOLE });
  const { rows: settings } = await console.query<{ key: string; value: string }>('show config');
  const { rows: databases } = await console.query<{ name: string; pool_size: string }>('show databases');
  const numberOf = (name: string): number => Number(settings.find(({ key }) => key === name)?.value);
  const own = databases.find(({ name }) => name === connectionOf(config).database)?.pool_size;
  const limits = {
    max_client_conn: numberOf('max_client_conn'),
    default_pool_size: Number(own ?? numberOf('default_pool_size')),
  };
  if (Object.values(limits).some(Number.isNaN)) throw new Error('its console does not tell them');
  return limits;
}

function validUntil(socket: TLSSocket): Date | undefined {
  const { valid_to } = socket.getPeerCertificate();
  return valid_to === undefined ? undefined : new Date(valid_to);
}
