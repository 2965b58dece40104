/** A connection string by its parts. */
export interface Conninfo {
  /** In the order in which they are tried; an empty name is this machine. */
  hosts: readonly HostAddress[];
  /** libpq's keywords without host, hostaddr and port; `user`, `password` and `dbname` stand here too. */
  keywords: Map<string, string>;
}

export interface HostAddress {
  /** The name that a certificate must have, or the directory of a socket. */
  host: string;
  /** The address to connect to instead of looking up the name. */
  hostaddr?: string;
  port: number;
}

const DEFAULT_PORT = 5432;
/** The last `@` ends the credentials, so that a password may have one; `postgresql+asyncpg` is SQLAlchemy's name of a driver. */
const URI = /^postgres(?:ql)?(?:\+[a-z0-9_]+)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i;
const KEYWORD = /\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/y;

/**
 * Takes a PostgreSQL URL, or libpq's `host=… port=…`, apart (PostgreSQL §34.1.1). Throws an Error whose message completes
 * "DATABASE_URL …" and never repeats a password.
 */
export function parseConninfo(text: string): Conninfo {
  const keywords = /^\s*\w+\s*=/.test(text) ? fromKeywords(text) : fromUri(text);
  const [hosts, addresses, ports] = ['host', 'hostaddr', 'port'].map((name) => takeList(keywords, name));
  return { hosts: pair(hosts ?? [], addresses ?? [], ports ?? []), keywords };
}

function fromUri(text: string): Map<string, string> {
  const [matched, credentials, authority = '', path = '', query = ''] = URI.exec(text) ?? [];
  if (matched === undefined) throw new Error('must be a PostgreSQL URL: postgresql://user:password@host:5432/database');
  const [user = '', ...password] = (credentials ?? '').split(':');
  const addresses = authority.split(',').map(splitAddress);
  const parts = {
    user: decode(user),
    password: decode(password.join(':')),
    host: addresses.map(({ host }) => decode(host)).join(','),
    port: addresses.map(({ port }) => port).join(','),
    dbname: decode(path),
  };
  const keywords = new Map(Object.entries(parts).filter(([, value]) => /[^,]/.test(value)));
  for (const pair of query.split('&').filter((pair) => pair !== '')) {
    const [name = '', ...value] = pair.split('=');
    keywords.set(decode(name), decode(value.join('=')));
  }
  return keywords;
}

/** `host:port`, `[::1]:port`; either part may be missing. */
function splitAddress(address: string): { host: string; port: string } {
  const [matched, bracketed, name = '', port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(address) ?? [];
  // It may be a part of a password.
  if (matched === undefined)
    throw new Error('has an address that is not host:port; write / ? # and @ of a password as %2F %3F %23 and %40');
  return { host: bracketed ?? name, port };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('has a % that begins no encoded character; write the sign itself as %25');
  }
}

function fromKeywords(text: string): Map<string, string> {
  const keywords = new Map<string, string>();
  const rest = text.trimEnd();
  KEYWORD.lastIndex = 0;
  while (KEYWORD.lastIndex < rest.length) {
    const [matched, name = '', quoted, plain = ''] = KEYWORD.exec(rest) ?? [];
    if (matched === undefined) throw new Error("must be keyword=value pairs, such as host=localhost dbname='my db'");
    keywords.set(name, (quoted ?? plain).replaceAll(/\\(.)/g, '$1'));
  }
  return keywords;
}

function takeList(keywords: Map<string, string>, name: string): string[] {
  const value = keywords.get(name);
  keywords.delete(name);
  return value === undefined ? [] : value.split(',').map((part) => part.trim());
}

/** One port counts for all hosts, several belong to one host each. */
function pair(names: readonly string[], addresses: readonly string[], ports: readonly string[]): HostAddress[] {
  const count = Math.max(names.length, addresses.length, 1);
  if (names.length > 0 && addresses.length > 0 && names.length !== addresses.length)
    throw new Error(`names ${names.length} hosts and ${addresses.length} addresses (hostaddr)`);
  if (ports.length > 1 && ports.length !== count) throw new Error(`names ${count} hosts and ${ports.length} ports`);
  return Array.from({ length: count }, (_, index) => {
    const hostaddr = addresses[index] ?? '';
    const host = names[index] ?? hostaddr;
    const port = portOf((ports.length === 1 ? ports[0] : ports[index]) ?? '');
    return { host, port, ...(hostaddr !== '' && { hostaddr }) };
  });
}

function portOf(text: string): number {
  const port = text === '' ? DEFAULT_PORT : Number(text);
  if (!/^\d*$/.test(text) || port < 1 || port > 65_535)
    throw new Error(`has the port ${text}; it must be from 1 to 65535`);
  return port;
}
