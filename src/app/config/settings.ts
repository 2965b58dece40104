import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { parseConnectionString } from '../utils/connection-string.ts';

/** One environment variable: where it stands in the manual, what it means, and how its text becomes a value. */
export interface Setting<T> {
  section: string;
  /** Text used when the variable is unset or empty; `null` means that it has none. */
  default: string | null;
  /** What a number counts, for the manual: `minutes`, `connections`. */
  unit?: string;
  purpose: string;
  /** Masked in every output. */
  secret?: true;
  /** Turns the text into a value, or throws an Error whose message completes "NAME …". */
  parse: (text: string) => T;
}

/** Declares a setting; exists so that the value's type is inferred from `parse`. */
export function setting<T>(declaration: Setting<T>): Setting<T> {
  return declaration;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every setting that cannot be used: `problems` has one line per variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(['The configuration cannot be used:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
    this.problems = problems;
  }
}

/** Parses every declared setting, under its name in lower case, and names every one that cannot be used; an empty text counts as unset. */
export function readSettings(
  declared: Readonly<Record<string, Setting<unknown>>>,
  environment: Environment,
): { values: Record<string, unknown>; problems: string[] } {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { purpose, parse, ...setting }] of Object.entries(declared)) {
    const text = environment[name]?.trim() || setting.default;
    try {
      if (text === null) throw new Error(`is required: ${purpose}`);
      values[name.toLowerCase()] = parse(text);
    } catch (error) {
      problems.push(`${name} ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { values, problems };
}

/** A whole number between `min` and `max`, both included. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new Error(`must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

/** One of the listed words, exactly as written. */
export function oneOf<const T extends string>(...words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new Error(`must be one of ${words.join(', ')}`);
    return found;
  };
}

/** `true` or `false`; also `1`/`0`, `yes`/`no`, `on`/`off`, as pydantic reads them. */
export function boolean(text: string): boolean {
  const word = text.toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  if (['false', '0', 'no', 'off'].includes(word)) return false;
  throw new Error('must be true or false');
}

/** Comma-separated words, trimmed, empty ones dropped. */
export function list(text: string): readonly string[] {
  const words = text.split(',').map((word) => word.trim());
  return Object.freeze(words.filter((word) => word !== ''));
}

/** Schemes whose pages have the origin `null`, and those that no page has. */
const SCHEMES_WITHOUT_ORIGIN = new Set(['file', 'data', 'blob', 'about', 'javascript', 'ws', 'wss', 'ftp']);

/**
 * Origins of web pages (`https://app.example.com`) and apps (`capacitor://localhost`, `chrome-extension://…`), or `*`;
 * anything with a path is refused, since clients never send one.
 */
export function origins(text: string): readonly string[] {
  const words = list(text);
  for (const word of words) {
    if (word !== '*' && !isOrigin(word)) {
      throw new Error(`has "${word}", which is not an origin such as https://app.example.com or capacitor://localhost`);
    }
  }
  return words;
}

function isOrigin(word: string): boolean {
  // A pattern such as https://*.example.com can be parsed, but would match nothing.
  if (word.includes('*') || !URL.canParse(word)) return false;
  if (/^https?:/i.test(word)) return new URL(word).origin === word;
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):\/\/[a-z0-9._-]+(:\d{1,5})?$/.exec(word) ?? [];
  return scheme !== '' && !SCHEMES_WITHOUT_ORIGIN.has(scheme);
}

/** Names of request headers (RFC 9110 §5.1), in lower case. */
export function headerNames(text: string): readonly string[] {
  const names = list(text).map((name) => name.toLowerCase());
  for (const name of names) {
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || name === '*')
      throw new Error(`has "${name}", which is not the name of a header such as x-client-version`);
  }
  return Object.freeze(names);
}

/** A path prefix such as `/api`, without its last slash; empty: none. */
export function rootPath(text: string): string {
  const path = text.replace(/\/$/, '');
  if (path !== '' && !/^(\/[A-Za-z0-9._~-]+)+$/.test(path)) throw new Error('must be a path such as /api');
  return path;
}

/** A list of addresses and CIDR ranges; every entry is checked. */
export function cidrs(text: string): readonly string[] {
  const words = list(text);
  for (const word of words) addRange(new BlockList(), word);
  return words;
}

/** Puts `10.0.0.0/8`, `fd00::/8` or a single address into a block list. */
function addRange(ranges: BlockList, range: string): void {
  const [address = '', bits, ...rest] = range.split('/');
  const family = isIP(address);
  const max = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? max : Number(bits);
  if (family === 0 || rest.length > 0 || !/^\d*$/.test(bits ?? '') || bits === '' || prefix > max) {
    throw new Error(`has "${range}", which is not an address or a CIDR range such as 10.0.0.0/8`);
  }
  ranges.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
}

/** A connection string that can be used, certificate files included; the message never repeats it, since it holds a password. */
export function postgresUrl(text: string): string {
  parseConnectionString(text);
  return text;
}

/** A `redis://` or, with TLS, `rediss://` URL; the message never repeats it, since it may hold a password. */
export function redisUrl(text: string): string {
  if (!URL.canParse(text) || !/^rediss?:$/.test(new URL(text).protocol)) {
    throw new Error('must be a Redis URL: redis://user:password@host:6379');
  }
  return text;
}

/** A name that PostgreSQL accepts unquoted, so that no statement needs to quote it. */
export function identifier(text: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(text)) throw new Error('must be a lower-case SQL name such as public');
  if (/^(pg_|information_schema$)/.test(text)) throw new Error('must not be a name that PostgreSQL keeps to itself');
  return text;
}

/** The path of a sorted file of SHA-1 hashes, one a line, each with or without `:count`; empty: none. */
export function hashFile(text: string): string {
  if (text === '') return text;
  const [first, last] = firstAndLastLine(text).map((line) => /^([0-9A-F]{40})(:\d+)?$/i.exec(line)?.[1]?.toUpperCase());
  if (first === undefined || last === undefined || last < first)
    throw new Error(`names ${text}, which is not a list of SHA-1 hashes in order, one a line`);
  return text;
}

/** The URL of another service, with its last slash: https, or http on this machine. Empty: the service is not called. */
export function serviceUrl(text: string): string {
  if (text === '') return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1' || url?.hostname === '[::1]';
  if (url === undefined || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)) || url.search !== '')
    throw new Error('must be an https URL');
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

/** Printable ASCII without spaces. */
export function word(text: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(text)) throw new Error('must be one word of printable ASCII');
  return text;
}

function firstAndLastLine(path: string): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    throw new Error(`names ${path}, which cannot be read`);
  }
  try {
    const block = Buffer.alloc(128);
    const linesAt = (position: number): string[] =>
      block
        .toString('latin1', 0, readSync(file, block, 0, block.length, position))
        .trimEnd()
        .split(/\r?\n/);
    return [linesAt(0).at(0) ?? '', linesAt(Math.max(0, fstatSync(file).size - block.length)).at(-1) ?? ''];
  } finally {
    closeSync(file);
  }
}
