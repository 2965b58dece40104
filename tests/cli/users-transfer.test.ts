import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { readUserRecord } from '../../src/app/services/admin/user-records.ts';
import { startApi } from '../helpers/api.ts';
import { back } from '../helpers/back.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { casesOf } from '../helpers/short-form.ts';

const api = startApi({ BCRYPT_COST: '10' });
const folder = mkdtempSync(join(tmpdir(), 'back-users-'));
const BCRYPT = bcrypt.hashSync('moved passphrase', 4).replace('$2b$', '$2a$');
const ID = '7d9f8c3a-2b1e-4f5a-9c8d-1e2f3a4b5c6d';

const users = (args: string[], { url = api.url, input = '' as string | Buffer } = {}) =>
  back(['users', ...args], { env: { DATABASE_URL: url }, input });
const login = (email: string, password: string) =>
  api.request({ method: 'POST', url: '/auth/login', payload: { email, password } });

function file(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

afterEach(() => api.sql('delete from users'));

describe('back users import', () => {
  it('takes a CSV of another system with its hashes, ids and times, and its users log in', async () => {
    const path = file(
      'users.csv',
      'id,email,encrypted_password,role,is_active,created_at,phone',
      `${ID},Ann@Example.com,${BCRYPT},authenticated,t,2021-03-04 05:06:07.89+00,+49`,
      `,bob@example.com,${BCRYPT},admin,f,,`,
      ',carl@example.com,,,,,',
    );
    const { code, stdout, stderr } = await users(['import', path]);
    expect(stderr).toBe('field "phone" is not imported\n');
    expect(stdout).toBe(
      '3 imported, 1 of them without a password: they need "back users reset-password", 0 registered already, 0 refused\n',
    );
    expect(code).toBe(0);
    expect(
      await api.sql(`select password_hash, email_verified_at, locale from users where email like 'carl%'`),
    ).toEqual([{ password_hash: null, email_verified_at: null, locale: null }]);
    const rows = await api.sql('select id, role, is_active, created_at from users order by email');
    expect(rows[0]).toEqual({
      id: ID,
      role: 'user',
      is_active: true,
      created_at: new Date('2021-03-04T05:06:07.890Z'),
    });
    expect(rows[1]).toMatchObject({ role: 'admin', is_active: false });
    expect((await login('ann@example.com', 'moved passphrase')).statusCode).toBe(200);
    expect((await login('bob@example.com', 'moved passphrase')).json().code).toBe('account_disabled');
    expect((await login('carl@example.com', '!')).json().code).toBe('invalid_credentials');
  });

  it("takes Firebase's export as JSON lines, with the parameters that its console shows", async () => {
    const parameters = file(
      'firebase.txt',
      'hash_config {',
      '  algorithm: SCRYPT,',
      '  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,',
      '  base64_salt_separator: Bw==,',
      '  rounds: 8,',
      '  mem_cost: 14,',
      '}',
    );
    const user = {
      localId: 'x',
      email: 'fire@example.com',
      displayName: 'Fire',
      passwordHash: 'lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ==',
      salt: '42xEC+ixf3L2lw==',
      createdAt: '1486324854000',
      disabled: false,
    };
    const path = file('firebase.jsonl', JSON.stringify(user), '', JSON.stringify({ ...user, email: 'x@example.com' }));
    const without = await users(['import', path]);
    expect(without.stderr).toContain("line 1: the hash is Firebase's: its hash parameters are needed");
    expect(without.code).toBe(1);
    const { code, stdout } = await users(['import', path, '--firebase-hash-config', parameters]);
    expect([code, stdout]).toEqual([0, '2 imported, 0 registered already, 0 refused\n']);
    expect((await login('fire@example.com', 'user1password')).statusCode).toBe(200);
    const [row] = await api.sql(`select name, created_at from users where email = 'fire@example.com'`);
    expect(row).toEqual({ name: 'Fire', created_at: new Date(1_486_324_854_000) });
  });

  it('names every wrong row by its line and imports all the others', async () => {
    const taken = await api.user({ email: 'taken@example.com' });
    const path = file(
      'wrong.csv',
      'email,name,password_hash,id,role,created_at',
      'one@example.com,"two',
      'lines",,,,',
      'no address,,,,,',
      `two@example.com,,${BCRYPT},,,`,
      'plain@example.com,,swordfish,,,',
      'TAKEN@example.com,,,,,',
      `id@example.com,,,${taken.id},,`,
      'root@example.com,,,,root,',
      'three@example.com,,,not-a-uuid,,',
      'few@example.com,,',
      'quote@example.com,"open,,,,',
      'four@example.com,,,,,yesterday',
      `five@example.com,${'n'.repeat(201)},,,,`,
      'two@example.com,,,,,',
      '"six"@example.com,,,,,',
      `seven@example.com,,,${ID},,`,
      `eight@example.com,,,${ID.toUpperCase()},,`,
    );
    const { code, stdout, stderr } = await users(['import', path]);
    const lines = [
      'line 4: email is not a valid address',
      'line 6: the hash is of no known scheme (bcrypt, argon2, scrypt, fbscrypt)',
      'line 7: the address is registered already',
      'line 8: the id belongs to another user',
      'line 9: role must be one of user, admin',
      'line 10: id must be a UUID; leave the field out to get new ones',
      'line 11: has 3 columns, but the first line names 6',
      'line 12: cannot be read: not UTF-8, or a quote out of place',
      'line 13: created_at is not a time',
      'line 14: name is longer than 200 characters',
      'line 15: the address is registered already',
      'line 16: cannot be read: not UTF-8, or a quote out of place',
      'line 18: the id belongs to another user',
    ];
    expect(stderr.trimEnd().split('\n')).toEqual(lines);
    expect(stdout).toContain('3 imported');
    expect(stdout).toContain('2 registered already, 11 refused');
    expect(code).toBe(1);
    const stored = await api.sql('select email, name from users order by email');
    expect(stored).toEqual([
      { email: 'one@example.com', name: 'two\nlines' },
      { email: 'seven@example.com', name: null },
      { email: 'taken@example.com', name: null },
      { email: 'two@example.com', name: null },
    ]);
  });

  it('says the same in a dry run and writes nothing', async () => {
    await api.user({ email: 'taken@example.com' });
    const lines = ['a@example.com', 'b@example.com', 'taken@example.com', 'a@example.com', 'nobody'];
    const path = file('dry.jsonl', ...lines.map((email) => JSON.stringify({ email })), '[]');
    const before = await api.sql('select * from users');
    const dry = await users(['import', path, '--dry-run']);
    expect(await api.sql('select * from users')).toEqual(before);
    const real = await users(['import', path]);
    expect(dry.stderr).toBe(real.stderr);
    expect(dry.stdout).toBe(real.stdout.replace('imported', 'would be imported'));
    expect([dry.code, real.code]).toEqual([1, 1]);
  });

  it('finds the row that the database refuses and keeps those beside it', async () => {
    await api.sql(`alter table users add constraint no_mallory check (name <> 'Mallory')`);
    const names = ['Ann', 'Bob', 'Mallory', 'Carl', 'nul\0l'];
    const path = file('mallory.jsonl', ...names.map((name, n) => JSON.stringify({ email: `m${n}@example.com`, name })));
    const { stderr } = await users(['import', path]);
    await api.sql('alter table users drop constraint no_mallory');
    expect(stderr).toBe('line 3: the database refuses one of its values\nline 5: name has a NUL character\n');
    const stored = await api.sql<{ name: string }>('select name from users order by name');
    expect(stored.map(({ name }) => name)).toEqual(['Ann', 'Bob', 'Carl']);
  });

  it.each([
    ['2021-03-04', '2021-03-04T00:00:00.000Z'],
    ['2021-03-04 05:06:07', '2021-03-04T05:06:07.000Z'],
    ['2021-03-04T05:06:07.123456+05:30', '2021-03-03T23:36:07.123Z'],
    ['2021-03-04 05:06:07-03', '2021-03-04T08:06:07.000Z'],
    ['2021-03-04T05:06Z', '2021-03-04T05:06:00.000Z'],
  ])('reads the time %s', (created_at, expected) => {
    const record = readUserRecord({ email: 'a@example.com', created_at }, undefined, new Date());
    expect(record.created_at.toISOString()).toBe(expected);
  });

  it.each(
    casesOf(['2021-02-30', '2023-02-29T10:00:00Z', '2021-04-31 05:06', '2021-00-10', '2021-13-01', '2021-01-32'], 3),
  )('refuses %s, which is no day, by its line', async (created_at) => {
    const rows = ['email,created_at', 'day-before@example.com,2024-02-29', `no-day@example.com,${created_at}`];
    const { code, stdout, stderr } = await users(['import', '-', '--format', 'csv'], { input: rows.join('\n') });
    expect([code, stderr]).toEqual([
      1,
      `line 3: created_at has ${created_at.slice(0, 10)}, a day that does not exist\n`,
    ]);
    expect(stdout).toContain('1 refused');
    expect(await api.sql(`select 1 from users where email = 'no-day@example.com'`)).toEqual([]);
  });

  it('says which encoding and line ends it wants', async () => {
    const csv = 'email,name\nutf16@example.com,X\n';
    for (const input of [Buffer.from(`\ufeff${csv}`, 'utf16le'), Buffer.from(csv.replaceAll('\n', '\r'))]) {
      const { code, stderr } = await users(['import', '-', '--format', 'csv'], { input });
      expect([code, stderr]).toEqual([
        1,
        'The first line cannot be read: save the file as UTF-8, with LF or CRLF at the end of a line\n',
      ]);
    }
  });

  it('imports thousands in batches, and nothing twice', async () => {
    const rows = Array.from({ length: 2345 }, (_, n) => `many-${n}@example.com,${BCRYPT}`);
    const input = ['email,hashed_password', ...rows].join('\r\n');
    const first = await users(['import', '-', '--format', 'csv'], { input });
    expect(first).toEqual({ code: 0, stdout: '2345 imported, 0 registered already, 0 refused\n', stderr: '' });
    const again = await users(['import', '-', '--format', 'csv'], { input });
    expect(again.stdout).toBe('0 imported, 2345 registered already, 0 refused\n');
    expect(again.code).toBe(0);
    expect(await api.sql('select count(*)::int from users')).toEqual([{ count: 2345 }]);
  });

  it.each([
    [['/no/such/file.csv'], /cannot be read/],
    [['users.txt'], /--format csv or --format jsonl/],
    [['-', '--format', 'csv'], /must name the columns/],
  ])('refuses %j in one sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await users(['import', ...args], { input: 'mail,name\n' });
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([1, '', 1]);
    expect(stderr).toMatch(sentence);
  });
});

describe('back users export', () => {
  const NAMES = ['=1+1', "'=1", '"Ann", she said', 'two\nlines', "'plain'", '＝１', '-', 'ü 🙂'];
  const fill = async (): Promise<void> => {
    for (const [n, name] of NAMES.entries()) await api.user({ email: `=export-${n}@example.com`, name });
    await api.sql(`update users set role = 'admin', is_active = false where email like '=export-3%'`);
    await api.sql(
      `update users set email_verified_at = '2026-01-02T03:04:05.678Z', locale = 'pt', password_hash = null where email like '=export-4%'`,
    );
  };
  const everybody =
    'select id, email, name, email_verified_at, locale, role, is_active, created_at, password_hash from users order by id';

  it.each(casesOf(['csv', 'jsonl'], 2))(
    'writes a %s file that import reads back whole, hashes included',
    async (format) => {
      await fill();
      const path = join(folder, `round-trip.${format}`);
      const exported = await users(['export', '-o', path, '--with-hashes']);
      expect(exported).toEqual({ code: 0, stdout: '', stderr: `${NAMES.length} users exported\n` });
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const other = await createTestDatabase();
      try {
        const { code, stderr } = await users(['import', path], { url: other.url });
        expect([code, stderr]).toEqual([0, '']);
        const client = new pg.Client(other.url);
        await client.connect();
        const { rows } = await client.query(everybody);
        await client.end();
        expect(rows).toEqual(await api.sql(everybody));
        expect(rows.map(({ name }) => name)).toEqual(NAMES);
      } finally {
        await other.drop();
      }
      expect((await users(['export', '-o', path])).stderr).toMatch(/exists already/);
    },
  );

  const ways = [
    'select user_id, provider, issuer, subject, email, created_at, last_used_at from identities order by subject',
    `select user_id, credential_id, public_key, name, transports, counter, is_synced, backed_up, created_at, last_used_at
     from passkeys order by credential_id`,
  ];
  const giveWays = async (user_id: string, name: string): Promise<void> => {
    await api.sql(
      `insert into identities (id, user_id, provider, issuer, subject, email, created_at, last_used_at)
       values (gen_random_uuid(), $1, 'corp', 'https://corp.example', $2 || '-1', 'at@corp.example', '2026-01-02T03:04:05.678Z', now()),
              (gen_random_uuid(), $1, 'other', 'https://other.example', $2 || '-2', null, '2026-01-03T03:04:05Z', null)`,
      [user_id, name],
    );
    await api.sql(
      `insert into passkeys (id, user_id, credential_id, public_key, name, transports, counter, is_synced, backed_up, last_used_at)
       values (gen_random_uuid(), $1, $2, 'pQECAyYgASFYIA', 'My laptop', '{internal,hybrid}', 4294967295, true, false, null)`,
      [user_id, `credential-${name}`],
    );
  };

  it('carries linked accounts and passkeys as JSON lines, and import gives them back whole', async () => {
    const [ann, bob] = [await api.user({ email: 'ann@example.com' }), await api.user({ email: 'bob@example.com' })];
    await giveWays(ann.id, 'ann');
    await giveWays(bob.id, 'bob');
    await api.sql('update users set password_hash = null, has_factor = true where id = $1', [ann.id]);
    const path = join(folder, 'ways.jsonl');
    expect((await users(['export', '-o', path])).stderr).toBe(
      'no export holds the authenticator apps: 1 users set theirs up again after an import\n2 users exported\n',
    );
    const other = await createTestDatabase();
    try {
      for (const [rest, imported] of [
        [['--dry-run'], 'would be imported'],
        [[], 'imported'],
      ] as const) {
        const { stdout, stderr } = await users(['import', path, ...rest], { url: other.url });
        // She signs in by a passkey; his hash was not asked for, and he has one too.
        expect([stdout, stderr]).toEqual([`2 ${imported}, 0 registered already, 0 refused\n`, '']);
      }
      const client = new pg.Client(other.url);
      await client.connect();
      for (const query of ways) expect((await client.query(query)).rows).toEqual(await api.sql(query));
      await client.end();
    } finally {
      await other.drop();
    }
  });

  it('says which of it a CSV does not hold', async () => {
    const { id } = await api.user();
    await giveWays(id, 'csv');
    const { stdout, stderr } = await users(['export']);
    expect(stderr).toBe(
      'a CSV holds no linked accounts (2) and no passkeys (1): --format jsonl writes them too\n1 users exported\n',
    );
    expect(stdout).not.toMatch(/corp|credential/);
  });

  it('gives no identity and no passkey to a second user, and names what is not in its form', async () => {
    const owner = await api.user({ email: 'owner@example.com' });
    await giveWays(owner.id, 'owner');
    const exported = await users(['export', '--format', 'jsonl']);
    const { identities, passkeys } = JSON.parse(exported.stdout);
    const id = (n: number) => `7d9f8c3a-2b1e-4f5a-9c8d-00000000000${n}`;
    const own = [{ ...identities[0], subject: 'own' }];
    const rows = [
      { email: 'a@example.com', identities },
      { email: 'b@example.com', id: id(1), passkeys },
      { email: 'c@example.com', identities: own },
      { email: 'd@example.com', identities: own },
      {
        email: 'e@example.com',
        identities: [
          { ...own[0], subject: 'x' },
          { ...own[0], subject: 'x' },
        ],
      },
      { email: 'f@example.com', passkeys },
      { email: 'g@example.com', identities: 'corp' },
      { email: 'h@example.com', identities: [{ provider: 'corp' }] },
      { email: 'i@example.com', id: id(2), passkeys: [{ ...passkeys[0], counter: -1 }] },
      { email: 'j@example.com', id: id(3), passkeys: [{ ...passkeys[0], created_at: '2026-13-01T00:00:00Z' }] },
      { email: 'OWNER@example.com', identities },
    ];
    const path = file('taken-ways.jsonl', ...rows.map((row) => JSON.stringify(row)));
    const before = await Promise.all(ways.map((query) => api.sql(query)));
    const dry = await users(['import', path, '--dry-run']);
    expect(await Promise.all(ways.map((query) => api.sql(query)))).toEqual(before);
    const real = await users(['import', path]);
    const taken = 'one of its identities or passkeys belongs to another user';
    expect(real.stderr.trimEnd().split('\n')).toEqual([
      `line 1: ${taken}`,
      `line 2: ${taken}`,
      `line 4: ${taken}`,
      `line 5: ${taken}`,
      'line 6: passkeys are of no use without the id of their user, which they name',
      'line 7: identities are not in the form that export writes',
      'line 8: identities are not in the form that export writes',
      'line 9: passkeys are not in the form that export writes',
      'line 10: 2026-13-01T00:00:00Z is not a time',
      'line 11: the address is registered already',
    ]);
    expect(dry.stderr).toBe(real.stderr);
    expect(real.stdout).toBe('1 imported, 1 registered already, 9 refused\n');
    expect(await api.sql('select email from users order by email')).toEqual([
      { email: 'c@example.com' },
      { email: 'owner@example.com' },
    ]);
  });

  it('has no hash without --with-hashes, and no cell that a spreadsheet would run', async () => {
    await fill();
    const { stdout } = await users(['export']);
    expect(stdout).not.toMatch(/\$2b|hash/);
    expect(stdout).toContain(",'=export-0@example.com,'=1+1,,,user,true,");
    expect(stdout).not.toMatch(/(^|,)"?[=+\-@＝]/m);
    expect((await users(['export', '--format', 'jsonl'])).stdout).not.toMatch(/\$2b|hash/);
  });
});
