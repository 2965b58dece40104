import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConnectionString } from '../../../src/app/database/connection-string.ts';

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
  it('has no parameter about TLS, so that it cannot overrule ours; others stay', () => {
    const { connectionString } = parseConnectionString(
      'postgresql://u:p%40ss@db.example.com/db?sslmode=require&ssl=false&sslcrl=x&sslpassword=y&uselibpqcompat=true&options=-c%20a%3D1',
    );
    const { searchParams, password } = new URL(connectionString);
    expect([...searchParams.keys()]).toEqual(['options']);
    expect(password).toBe('p%40ss');
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
