import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { type HostAddress, parseConninfo } from './conninfo.ts';
import { readTextFile } from './text-files.ts';

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

const SESSION_ATTRS = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;
/** The kind of server that is acceptable (libpq's `target_session_attrs`). */
export type SessionAttrs = (typeof SESSION_ATTRS)[number];

/** One server of the connection string. */
export interface Target {
  /** What the driver connects to: an address, a name or the directory of a socket. */
  host: string;
  port: number;
  ssl: ConnectionOptions | false;
}

/** A parsed connection string. */
export interface Connection {
  /** At least one, in the order in which they are tried. */
  targets: readonly [Target, ...Target[]];
  target_session_attrs: SessionAttrs;
  ssl_mode: SslMode;
  /** True if a server without TLS may be used in clear: `allow` and `prefer`. */
  may_fall_back: boolean;
  /** Of the first server, by its name. */
  host: string;
  port: number;
  /** Undefined if the string leaves it to the driver. */
  user: string | undefined;
  password: string | undefined;
  database: string;
  /** The session's start parameters, and the longest time to connect. */
  options: string | undefined;
  application_name: string | undefined;
  connect_timeout_seconds: number | undefined;
  channel_binding: boolean;
}

/** Keywords that state the fixed behaviour, or concern other clients. */
const WITHOUT_EFFECT: Readonly<Record<string, RegExp>> = {
  pgbouncer: /^(true|false)$/,
  uselibpqcompat: /./,
  sslcompression: /^0$/,
  sslnegotiation: /^postgres$/,
  gssencmode: /^(disable|prefer)$/,
  client_encoding: /^(utf-?8|auto)$/i,
  fallback_application_name: /./,
  keepalives: /^1$/,
};

/** Keywords that a setting of this application replaces. */
const SETTINGS_INSTEAD: Readonly<Record<string, string>> = {
  schema: 'DATABASE_SCHEMA',
  currentSchema: 'DATABASE_SCHEMA',
  connection_limit: 'POOL_SIZE and POOL_MAX_OVERFLOW',
  pool_timeout: 'POOL_TIMEOUT_SECONDS',
  keepalives_idle: 'KEEPALIVE_IDLE_SECONDS',
  keepalives_interval: 'KEEPALIVE_INTERVAL_SECONDS',
  keepalives_count: 'KEEPALIVE_COUNT',
  statement_timeout: 'STATEMENT_TIMEOUT_SECONDS',
};

/**
 * Reads a connection string as libpq does (§34.1.1, §34.19), but TLS is the default for every remote host. Throws an Error
 * whose message completes "DATABASE_URL …" for a part that it does not know or cannot honour; it never repeats a password.
 */
export function parseConnectionString(text: string): Connection {
  const { hosts, keywords } = parseConninfo(text);
  const take = (name: string): string | undefined => {
    const value = keywords.get(name);
    keywords.delete(name);
    return value === '' ? undefined : value;
  };
  const tls = takeTls(take, hosts);
  const connection = {
    target_session_attrs: oneOf('target_session_attrs', take('target_session_attrs') ?? 'any', SESSION_ATTRS),
    ssl_mode: tls.mode,
    may_fall_back: tls.mode === 'allow' || tls.mode === 'prefer',
    user: take('user'),
    password: take('password'),
    database: take('dbname') ?? '',
    options: take('options'),
    application_name: take('application_name'),
    connect_timeout_seconds: seconds('connect_timeout', take('connect_timeout')),
    channel_binding:
      oneOf('channel_binding', take('channel_binding') ?? 'prefer', ['disable', 'prefer', 'require']) !== 'disable',
  };
  const order = oneOf('load_balance_hosts', take('load_balance_hosts') ?? 'disable', ['disable', 'random']);
  refuseOthers(keywords);
  const tried = order === 'random' ? shuffled(hosts) : hosts;
  const [first, ...others] = tried.map((address) => targetOf(address, tls));
  const [{ host, port }] = hosts as [HostAddress];
  // There is always one host.
  return { ...connection, targets: [first as Target, ...others], host, port };
}

/** The same text with its password replaced, for a person to read. */
export function maskConnectionString(text: string, mask: string): string {
  return text
    .replace(/^([a-z0-9+]+:\/\/[^/?#:]*):[^/?#]*@/i, `$1:${mask}@`)
    .replaceAll(/\b((?:ssl)?password)(\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&'#]+)/gi, `$1$2${mask}`);
}

interface Tls {
  mode: SslMode;
  options: ConnectionOptions;
  sendsName: boolean;
}

function takeTls(take: (name: string) => string | undefined, hosts: readonly HostAddress[]): Tls {
  const root = take('sslrootcert');
  const mode = sslMode({ sslmode: take('sslmode'), ssl: take('ssl'), root }, hosts);
  const files = {
    ca: root === 'system' ? undefined : root,
    cert: take('sslcert'),
    key: take('sslkey'),
    crl: take('sslcrl'),
  };
  const passphrase = take('sslpassword');
  const sendsName = oneOf('sslsni', take('sslsni') ?? '1', ['0', '1']) === '1';
  const versions = ['TLSv1.2', 'TLSv1.3'] as const;
  const minVersion = oneOf('ssl_min_protocol_version', take('ssl_min_protocol_version') ?? 'TLSv1.2', versions);
  const maxVersion = oneOf('ssl_max_protocol_version', take('ssl_max_protocol_version') ?? 'TLSv1.3', versions);
  // libpq: `require` with a root certificate at hand verifies the chain, as `verify-ca` does.
  const verifiesChain = mode.startsWith('verify') || (mode === 'require' && files.ca !== undefined);
  const texts = mode === 'disable' ? {} : readFiles(files);
  return {
    mode,
    sendsName,
    options: {
      ...texts,
      ...(passphrase !== undefined && { passphrase }),
      minVersion,
      maxVersion,
      rejectUnauthorized: verifiesChain,
      ...(verifiesChain && mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    },
  };
}

function sslMode(
  { sslmode, ssl, root }: { sslmode: string | undefined; ssl: string | undefined; root: string | undefined },
  hosts: readonly HostAddress[],
): SslMode {
  const text = sslmode ?? (ssl === undefined ? undefined : (SSL_WORDS[ssl] ?? ssl));
  const mode = text === undefined ? undefined : oneOf(sslmode === undefined ? 'ssl' : 'sslmode', text, SSL_MODES);
  if (root === 'system') {
    // As in libpq: an impostor can have a certificate of a public authority, so the host name must be verified.
    if (mode !== undefined && mode !== 'verify-full')
      throw new Error(`has sslrootcert=system with sslmode=${mode}; it needs verify-full`);
    return 'verify-full';
  }
  return mode ?? (hosts.every(({ host }) => isLocal(host)) ? 'disable' : 'require');
}

/** `ssl=true` of JDBC and node-postgres, `ssl=require` of asyncpg. */
const SSL_WORDS: Readonly<Record<string, SslMode>> = {
  true: 'require',
  '1': 'require',
  false: 'disable',
  '0': 'disable',
};

function isLocal(host: string): boolean {
  return (
    host === '' ||
    host.startsWith('/') ||
    host === 'localhost' ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}

function targetOf({ host, hostaddr, port }: HostAddress, { mode, options, sendsName }: Tls): Target {
  const name = sendsName && isIP(host) === 0 ? { servername: host } : {};
  // TLS is for TCP: libpq speaks to a socket in clear, whatever `sslmode` says.
  const ssl = mode === 'disable' || host.startsWith('/') ? false : { ...options, ...name };
  return { host: hostaddr ?? (host === '' ? 'localhost' : host), port, ssl };
}

function oneOf<const T extends string>(name: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found === undefined) throw new Error(`has ${name}=${text}; it must be one of ${words.join(', ')}`);
  return found;
}

/** For libpq zero and negative values mean no limit. */
function seconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d{1,6}$/.test(text)) throw new Error(`has ${name}=${text}; it must be a whole number of seconds`);
  return Number(text) > 0 ? Number(text) : undefined;
}

function refuseOthers(keywords: ReadonlyMap<string, string>): void {
  for (const [name, value] of keywords) {
    if (value === '' || WITHOUT_EFFECT[name]?.test(value)) continue;
    const setting = SETTINGS_INSTEAD[name];
    if (setting !== undefined) throw new Error(`has ${name}, which is no part of it here: set ${setting}`);
    if (name in WITHOUT_EFFECT) throw new Error(`has ${name}=${value}, which this driver cannot do`);
    throw new Error(`has the parameter ${name.slice(0, 64)}, which is not known: leave it out`);
  }
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

const FILE_KEYWORDS = { ca: 'sslrootcert', cert: 'sslcert', key: 'sslkey', crl: 'sslcrl' } as const;

function readFiles(files: Readonly<Record<keyof typeof FILE_KEYWORDS, string | undefined>>): ConnectionOptions {
  const entries = Object.entries(files) as [keyof typeof FILE_KEYWORDS, string | undefined][];
  return Object.fromEntries(
    entries.flatMap(([name, path]) => (path === undefined ? [] : [[name, readCertificate(FILE_KEYWORDS[name], path)]])),
  );
}

function readCertificate(name: string, path: string): string {
  try {
    return readTextFile(path);
  } catch (cause) {
    throw new Error(`has ${name}=${path}, which cannot be read`, { cause });
  }
}
