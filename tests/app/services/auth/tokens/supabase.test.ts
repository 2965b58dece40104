import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsOf, startApi } from '../../../../helpers/api.ts';
import { addKey, newKeysDirectory } from '../../../../helpers/keys.ts';

const JWT_SECRET = 'the project’s JWT secret, as Supabase shows it: 40d1c7';
const GUIDE = readFileSync(join(import.meta.dirname, '../../../../../docs/guides/supabase.md'), 'utf8');

/** What a Supabase project has before its owner writes a line: roles are the server's, the rest is the database's. */
const PROJECT = `
  do $$ begin create role anon nologin; exception when duplicate_object or unique_violation then null; end $$;
  do $$ begin create role authenticated nologin; exception when duplicate_object or unique_violation then null; end $$;
  create schema auth;
  grant usage on schema auth to anon, authenticated;
  create function auth.jwt() returns jsonb stable language sql
    return nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  create function auth.uid() returns uuid stable language sql return (auth.jwt() ->> 'sub')::uuid;
`;

const api = startApi({ SECRET_KEY: JWT_SECRET, JWT_AUDIENCE: 'authenticated' });
let client: pg.Client;

beforeAll(async () => {
  client = new pg.Client(api.url);
  await client.connect();
  await client.query(PROJECT);
  const [guide] = /(?<=```sql\n)[^`]+/.exec(GUIDE) ?? [];
  await client.query(guide ?? '');
});
afterAll(() => client.end());

/** As Supabase's REST does it: the token is verified with the project's secret, its role and claims hold for one transaction. */
async function rest(token: string | undefined, statement: string): Promise<Record<string, unknown>[]> {
  const anonymous: JWTPayload = { role: 'anon' };
  const options = { algorithms: ['HS256'], audience: 'authenticated' };
  const claims = token ? (await jwtVerify(token, Buffer.from(JWT_SECRET), options)).payload : anonymous;
  await client.query('begin');
  try {
    await client.query(`select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)`, [
      claims.role,
      JSON.stringify(claims),
    ]);
    const { rows } = await client.query(statement);
    await client.query('commit');
    return rows;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

const write = (body: string) => `insert into notes (body) values ('${body}') returning owner_id`;
const READ = 'select body from notes order by id';
const bodies = (rows: Record<string, unknown>[]) => rows.map(({ body }) => body);

describe('an access token for Supabase', () => {
  it('carries the claims that the guide lists, and no key id that Supabase would not know', async () => {
    const user = await api.user();
    const claims = claimsOf(user.access_token);
    expect(claims).toMatchObject({ aud: 'authenticated', role: 'authenticated', app_role: 'user', sub: user.id });
    expect(decodeProtectedHeader(user.access_token)).toEqual({ alg: 'HS256', typ: 'at+jwt' });
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(200);
  });

  it("lets its user see and change what the guide's policies allow, and nothing else", async () => {
    const [ann, bob] = [await api.user(), await api.user()];
    expect(await rest(ann.access_token, write('of Ann'))).toEqual([{ owner_id: ann.id }]);
    expect(await rest(bob.access_token, write('of Bob'))).toEqual([{ owner_id: bob.id }]);
    expect(bodies(await rest(ann.access_token, READ))).toEqual(['of Ann']);
    expect(bodies(await rest(bob.access_token, READ))).toEqual(['of Bob']);
    expect(await rest(bob.access_token, `delete from notes returning body`)).toEqual([{ body: 'of Bob' }]);
    const forged = `insert into notes (owner_id, body) values ('${ann.id}', 'forged')`;
    await expect(rest(bob.access_token, forged)).rejects.toThrow(/row-level security/);
    expect(bodies(await api.sql(READ))).toEqual(['of Ann']);
  });

  it('shows nothing without a token', async () => {
    const ann = await api.user();
    await rest(ann.access_token, write('private'));
    await expect(rest(undefined, READ)).rejects.toThrow(/permission denied/);
    await client.query('grant select on notes to anon');
    expect(await rest(undefined, READ)).toEqual([]);
  });

  it('makes an administrator one in the policies too, from the next token on', async () => {
    await api.sql('delete from notes');
    const [ann, root] = [await api.user(), await api.admin()];
    await rest(ann.access_token, write('of Ann'));
    expect(bodies(await rest(root.access_token, READ))).toEqual([]);
    const payload = { refresh_token: root.refresh_token };
    const { access_token } = (await api.request({ method: 'POST', url: '/auth/refresh', payload })).json();
    expect(claimsOf(access_token)).toMatchObject({ role: 'authenticated', app_role: 'admin' });
    expect(bodies(await rest(access_token, READ))).toEqual(['of Ann']);
    expect(await rest(access_token, `update notes set body = 'of root' returning id`)).toEqual([]);
  });
});

describe("Supabase's own tokens", () => {
  it('are refused, though the same secret signs them', async () => {
    const user = await api.user();
    const sid = claimsOf(user.access_token).sid;
    const sign = (claims: JWTPayload) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(Buffer.from(JWT_SECRET));
    const tokens = [
      await sign({ iss: 'supabase', role: 'anon' }),
      await sign({ iss: 'supabase', role: 'service_role' }),
      await sign({ aud: 'authenticated', role: 'authenticated', sub: user.id, session_id: sid }),
      await sign({ ...claimsOf(user.access_token) }),
    ];
    for (const token of tokens) {
      expect((await api.request({ url: '/auth/me', token })).json().code).toBe('token_invalid');
    }
  });
});

describe('the keys of tokens for Supabase', () => {
  const PREVIOUS = 'the secret that the project had before: 8e01b2';
  const KEYS_DIRECTORY = newKeysDirectory();
  const { kid } = addKey(KEYS_DIRECTORY, 'ES256', -1000);
  const rotated = startApi({ SECRET_KEY: JWT_SECRET, PREVIOUS_SECRET_KEYS: PREVIOUS, JWT_AUDIENCE: 'authenticated' });
  const asymmetric = startApi({ SECRET_KEY: JWT_SECRET, JWT_AUDIENCE: 'authenticated', KEYS_DIRECTORY });

  it('are all tried where the token names none', async () => {
    const user = await rotated.user();
    const { typ, alg } = decodeProtectedHeader(user.access_token);
    const signed = (secret: string) =>
      new SignJWT({ ...claimsOf(user.access_token) })
        .setProtectedHeader({ typ: String(typ), alg: String(alg) })
        .sign(Buffer.from(secret));
    const status = async (token: string) => (await rotated.request({ url: '/auth/me', token })).statusCode;
    expect(await status(await signed(PREVIOUS))).toBe(200);
    expect(await status(await signed(`${PREVIOUS}!`))).toBe(401);
  });

  it('are named where they come from the keys directory, since Supabase imports them by name', async () => {
    const user = await asymmetric.user();
    expect(decodeProtectedHeader(user.access_token)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid });
  });
});
