import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

/** A parsed connection string. */
export interface Connection {
  /** The URL without its `ssl…` parameters, which the driver reads differently than libpq. */
  connectionString: string;
  ssl: ConnectionOptions | false;
  ssl_mode: SslMode;
  /** True if a server without TLS may be used in clear: `allow` and `prefer`. */
  may_fall_back: boolean;
  host: string;
  port: number;
  database: string;
}

/**
 * Parses a PostgreSQL URL as libpq does (§34.1.1, §34.19), but TLS is the default for every remote host.
 * Throws an Error with a sentence for a bad `sslmode` or an unreadable certificate file.
 */
export function parseConnectionString(text: string): Connection {
  const url = new URL(text);
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  const ssl_mode = sslMode(url, host);
  const files = { ca: take(url, 'sslrootcert'), cert: take(url, 'sslcert'), key: take(url, 'sslkey') };
  for (const name of ['sslmode', 'ssl', 'sslcrl', 'sslpassword', 'uselibpqcompat']) url.searchParams.delete(name);
  return {
    connectionString: url.href,
    ssl: ssl_mode === 'disable' ? false : tlsOptions(ssl_mode, files, host),
    ssl_mode,
    may_fall_back: ssl_mode === 'allow' || ssl_mode === 'prefer',
    host,
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}

function sslMode(url: URL, host: string): SslMode {
  const text = url.searchParams.get('sslmode');
  const mode = SSL_MODES.find((known) => known === text);
  if (text !== null && mode === undefined)
    throw new Error(`has sslmode=${text}; it must be one of ${SSL_MODES.join(', ')}`);
  if (url.searchParams.get('sslrootcert') === 'system') {
    // As in libpq: an impostor can have a certificate of a public authority, so the host name must be verified.
    if (mode !== undefined && mode !== 'verify-full')
      throw new Error(`has sslrootcert=system with sslmode=${mode}; it needs verify-full`);
    return 'verify-full';
  }
  return mode ?? (isLocal(host) ? 'disable' : 'require');
}

function isLocal(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '');
  return (
    name === '' ||
    name.startsWith('/') ||
    name === 'localhost' ||
    name === '::1' ||
    (isIP(name) === 4 && name.startsWith('127.'))
  );
}

function take(url: URL, name: string): string | undefined {
  const value = url.searchParams.get(name) ?? undefined;
  url.searchParams.delete(name);
  return value;
}

function tlsOptions(
  mode: SslMode,
  files: Record<'ca' | 'cert' | 'key', string | undefined>,
  host: string,
): ConnectionOptions {
  const options: ConnectionOptions = {};
  if (files.ca !== undefined && files.ca !== 'system') options.ca = readCertificate('sslrootcert', files.ca);
  if (files.cert !== undefined) options.cert = readCertificate('sslcert', files.cert);
  if (files.key !== undefined) options.key = readCertificate('sslkey', files.key);
  if (isIP(host) === 0) options.servername = host;
  // As in libpq: `require` with a root certificate verifies the chain, like `verify-ca`.
  const verifiesChain = mode.startsWith('verify') || (mode === 'require' && files.ca !== undefined);
  options.rejectUnauthorized = verifiesChain;
  if (verifiesChain && mode !== 'verify-full') options.checkServerIdentity = () => undefined;
  return options;
}

function readCertificate(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`has ${name}=${path}, which cannot be read`, { cause });
  }
}
