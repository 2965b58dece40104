import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskConnectionString, parseConnectionString as parse } from '../../../src/app/utils/connection-string.ts';

/** The parsed string with the TLS of its first server. */
function parseConnectionString(text: string) {
  const connection = parse(text);
  return { ...connection, ssl: connection.targets[0].ssl };
}

let folder: string;
let ca: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'back-ca-'));
  ca = join(folder, 'ca.pem');
  writeFileSync(ca, 'a certificate');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('without sslmode', () => {
  it.each(['localhost', '127.0.0.1', '127.8.9.10', '[::1]'])('%s is spoken to in clear', (host) => {
    expect(parseConnectionString(`postgresql://u:p@${host}/db`)).toMatchObject({ ssl: false, ssl_mode: 'disable' });
  });

  it.each(['db.example.com', '10.0.0.5', '192.168.1.4', '[fd00::5]', '127.0.0.1.example.com', 'localhost.example.com'])(
    '%s is spoken to by TLS or not at all',
    (host) => {
      expect(parseConnectionString(`postgresql://u:p@${host}/db`)).toMatchObject({
        ssl: { rejectUnauthorized: false },
        ssl_mode: 'require',
        may_fall_back: false,
      });
    },
  );

  it('a socket directory is this machine', () => {
    expect(parseConnectionString('postgresql:///db?host=/var/run/postgresql').ssl).toBe(false);
  });

  it('a host in the parameters counts, not the one that it replaces', () => {
    expect(parseConnectionString('postgresql://u:p@localhost/db?host=db.example.com')).toMatchObject({
      host: 'db.example.com',
      ssl_mode: 'require',
    });
  });
});

describe('sslmode', () => {
  const parsed = (mode: string, more = '') =>
    parseConnectionString(`postgresql://u:p@db.example.com/db?sslmode=${mode}${more}`);

  it('disable is no TLS, wherever the host is', () => {
    expect(parsed('disable')).toMatchObject({ ssl: false, may_fall_back: false });
  });

  it.each(['allow', 'prefer'])('%s may fall back to clear text and checks nothing', (mode) => {
    expect(parsed(mode)).toMatchObject({ ssl: { rejectUnauthorized: false }, may_fall_back: true });
  });

  it('require checks nothing without a root certificate, and the chain with one', () => {
    expect(parsed('require')).toMatchObject({ ssl: { rejectUnauthorized: false }, may_fall_back: false });
    const { ssl } = parsed('require', `&sslrootcert=${ca}`);
    expect(ssl).toMatchObject({ rejectUnauthorized: true, ca: 'a certificate' });
    expect((ssl || undefined)?.checkServerIdentity?.('another.example.com', {} as never)).toBeUndefined();
  });

  it('verify-ca checks the chain and not the name', () => {
    const { ssl } = parsed('verify-ca', `&sslrootcert=${ca}`);
    expect(ssl).toMatchObject({ rejectUnauthorized: true, checkServerIdentity: expect.any(Function) });
  });

  it('verify-full checks both', () => {
    const { ssl } = parsed('verify-full', `&sslrootcert=${ca}`);
    expect(ssl).toMatchObject({ rejectUnauthorized: true, servername: 'db.example.com' });
    expect((ssl || undefined)?.checkServerIdentity).toBeUndefined();
  });

  it('of another word is refused, with the words that there are', () => {
    expect(() => parsed('on')).toThrow(
      'has sslmode=on; it must be one of disable, allow, prefer, require, verify-ca, verify-full',
    );
  });
});

describe('sslrootcert=system', () => {
  const parsed = (mode: string) =>
    parseConnectionString(`postgresql://u:p@db.example.com/db?sslrootcert=system${mode}`);

  it('is verify-full: anybody has a certificate of some public authority', () => {
    for (const mode of ['', '&sslmode=verify-full']) {
      const { ssl, ssl_mode } = parsed(mode);
      expect(ssl_mode).toBe('verify-full');
      expect(ssl).toMatchObject({ rejectUnauthorized: true, servername: 'db.example.com' });
      expect(ssl && 'ca' in ssl).toBe(false);
      expect((ssl || undefined)?.checkServerIdentity).toBeUndefined();
    }
  });

  it.each(['disable', 'allow', 'prefer', 'require', 'verify-ca'])('is refused with the weaker %s', (mode) => {
    expect(() => parsed(`&sslmode=${mode}`)).toThrow(
      `has sslrootcert=system with sslmode=${mode}; it needs verify-full`,
    );
  });
});

describe('what the driver gets', () => {
  it('is who logs in, to what, and how the session begins', () => {
    expect(
      parse(
        'postgresql://u:p%40ss@db.example.com/db?sslmode=require&ssl=false&options=-c%20a%3D1&application_name=x&connect_timeout=3',
      ),
    ).toMatchObject({
      user: 'u',
      password: 'p@ss',
      database: 'db',
      ssl_mode: 'require',
      options: '-c a=1',
      application_name: 'x',
      connect_timeout_seconds: 3,
    });
  });

  it('names host, port and database', () => {
    expect(parseConnectionString('postgresql://u:p@db.example.com:6543/my%20db')).toMatchObject({
      host: 'db.example.com',
      port: 6543,
      database: 'my db',
    });
    expect(parseConnectionString('postgresql://u:p@db.example.com/db').port).toBe(5432);
  });

  it('a certificate that cannot be read is a sentence without the password', () => {
    expect(() => parseConnectionString('postgresql://u:hidden@h/db?sslrootcert=/no/such.pem')).toThrow(
      /^has sslrootcert=\/no\/such\.pem, which cannot be read$/,
    );
  });

  it('an address has no server name, since a certificate is asked for by name alone', () => {
    const { ssl } = parseConnectionString('postgresql://u:p@10.0.0.5/db');
    expect(ssl && 'servername' in ssl).toBe(false);
  });
});

describe('as libpq reads it', () => {
  const servers = (text: string): string[] => parse(text).targets.map(({ host, port }) => `${host}:${port}`);

  it.each<[text: string, servers: string[]]>([
    ['postgresql://u:p@/d?host=/run/postgresql', ['/run/postgresql:5432']],
    ['postgresql:///d?host=/run/postgresql&port=5433', ['/run/postgresql:5433']],
    ['postgresql://%2Frun%2Fpostgresql/d', ['/run/postgresql:5432']],
    ['postgresql://u@localhost/d?port=6543', ['localhost:6543']],
    ['postgresql://u@a:1,b:2,c/d', ['a:1', 'b:2', 'c:5432']],
    ['postgresql://u@/d?host=a,b&port=1,2', ['a:1', 'b:2']],
    ['postgresql://u@/d?host=a,b&port=7', ['a:7', 'b:7']],
    ['postgresql://u@[::1]:5433,[fe80::1]/d', ['::1:5433', 'fe80::1:5432']],
    ['postgresql://u@/d', ['localhost:5432']],
    ['postgresql://u@db.example.com/d?hostaddr=10.0.0.7', ['10.0.0.7:5432']],
    ['postgresql+asyncpg://u:p@h/d', ['h:5432']],
    ['postgresql+psycopg2://u:p@h/d', ['h:5432']],
    ['postgres+psycopg://u:p@h/d', ['h:5432']],
    ["host=h port=5433 user=u password='it''s' dbname=d", []],
    ["host = a,b port=1,2 user=u password='it\\'s' dbname='my db'", ['a:1', 'b:2']],
  ])('%s', (text, expected) => {
    if (expected.length === 0) expect(() => parse(text)).toThrow('must be keyword=value pairs');
    else expect(servers(text)).toEqual(expected);
  });

  it('a password may hold @ and :, and spaces within quotes', () => {
    expect(parse('postgresql://u:p@:ss@h/d')).toMatchObject({ user: 'u', password: 'p@:ss', host: 'h' });
    expect(parse("user=u password='a \\' b' host=h").password).toBe("a ' b");
  });

  it('several hosts have TLS each by its own name, a socket has none', () => {
    const { targets } = parse(
      'postgresql://u@a.example,10.0.0.1/d?host=a.example,10.0.0.1,/run/postgresql&sslmode=verify-full',
    );
    expect(targets[2]?.ssl).toBe(false);
    expect(targets.map(({ ssl }) => (ssl || undefined)?.servername)).toEqual(['a.example', undefined, undefined]);
    expect(parse('postgresql://u@localhost,b.example/d').ssl_mode).toBe('require');
    expect(parse('postgresql://u@localhost,127.0.0.1/d').ssl_mode).toBe('disable');
  });

  it('asyncpg’s and JDBC’s ssl is sslmode', () => {
    expect(parse('postgresql+asyncpg://u@h/d?ssl=verify-full').ssl_mode).toBe('verify-full');
    expect(parse('postgresql://u@h/d?ssl=true').ssl_mode).toBe('require');
    expect(parse('postgresql://u@h/d?ssl=false').ssl_mode).toBe('disable');
  });

  it.each([
    'pgbouncer=true',
    'channel_binding=require',
    'gssencmode=disable',
    'target_session_attrs=read-write',
    'load_balance_hosts=random',
  ])('takes ?%s', (parameter) => {
    expect(() => parse(`postgresql://u:p@h/d?${parameter}`)).not.toThrow();
  });

  it.each<[text: string, sentence: RegExp]>([
    ['mysql://u:hidden@h/d', /^must be a PostgreSQL URL/],
    ['postgresql:/u:hidden@h/d', /^must be a PostgreSQL URL/],
    ['postgresql://u:hidden/more@h/d', /^has an address that is not host:port; write/],
    ['postgresql://u:hidden@h:many/d', /^has an address that is not host:port/],
    ['postgresql://u:hidden@h:65536/d', /^has the port 65536/],
    ['postgresql://u:hidden@h/d?port=0', /^has the port 0/],
    ['postgresql://u:hidden@a,b,c/d?port=1,2', /^names 3 hosts and 2 ports/],
    ['postgresql://u:hidden%@h/d', /^has a % that begins no encoded character/],
    ['postgresql://u:hidden@h/d?sslmode=no-verify', /^has sslmode=no-verify; it must be one of/],
    ['postgresql://u:hidden@h/d?sslrootcert=/no/such.pem', /^has sslrootcert=\/no\/such\.pem, which cannot be read$/],
    ['postgresql://u:hidden@h/d?sslcrl=/no/such.pem', /^has sslcrl=/],
    [
      'postgresql://u:hidden@h/d?target_session_attrs=master',
      /^has target_session_attrs=master; it must be one of any,/,
    ],
    ['postgresql://u:hidden@h/d?schema=app', /set DATABASE_SCHEMA$/],
    ['postgresql://u:hidden@h/d?connection_limit=5', /set POOL_SIZE/],
    ['postgresql://u:hidden@h/d?gssencmode=require', /^has gssencmode=require, which this driver cannot do$/],
    ['postgresql://u:hidden@h/d?client_encoding=latin1', /cannot do$/],
    ['postgresql://u:hidden@h/d?colour=blue', /^has the parameter colour, which is not known/],
    ['postgresql://u:hidden@h/d?connect_timeout=soon', /^has connect_timeout=soon/],
    ['host=h password=hidden port', /^must be keyword=value pairs/],
  ])('%s is refused by a sentence without the password', (text, sentence) => {
    const error = (() => {
      try {
        return parse(text);
      } catch (error) {
        return error as Error;
      }
    })() as Error;
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toContain('hidden');
  });

  it('is printed without its password', () => {
    const masked = (text: string): string => maskConnectionString(text, '[secret]');
    expect(masked('postgresql://u:p@h/d')).toBe('postgresql://u:[secret]@h/d');
    expect(masked('postgresql://u:p@:x@a,b/d?sslmode=require&sslpassword=y&password=z')).toBe(
      'postgresql://u:[secret]@a,b/d?sslmode=require&sslpassword=[secret]&password=[secret]',
    );
    expect(masked("host=h password = 'a \\' b' user=u")).toBe('host=h password = [secret] user=u');
    expect(masked('redis://:p@h:6379')).toBe('redis://:[secret]@h:6379');
    expect(masked('postgresql://u@h/d')).toBe('postgresql://u@h/d');
  });
});
