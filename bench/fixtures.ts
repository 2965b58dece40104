import { randomBytes } from 'node:crypto';
import bcrypt from 'bcrypt';
import pg from 'pg';
import { createDatabase } from 'pg-devdb';
import { createMigrator } from 'pg-revisions';
import { type Config, loadConfig } from '../src/app/config.ts';
import { REVISIONS } from '../src/app/database/revisions-directory.ts';
import { linkToken } from '../src/app/services/auth/derived-tokens.ts';
import { createKeyring, type Keyring } from '../src/app/services/auth/tokens/keyring.ts';
import { createTokens, type Tokens } from '../src/app/services/auth/tokens.ts';
import { newId } from '../src/app/utils/ids.ts';
import { NOTES_SQL } from '../tests/helpers/test-product/notes.ts';

/** Where passkeys belong; no page is opened. */
export const RELYING_PARTY = { id: 'bench.example.com', name: 'Bench', origins: ['https://bench.example.com'] };
export const PASSWORD = 'correct horse battery staple';
/** One for each connection of the heaviest load, so that no two connections share a row. */
const USERS = 256;
const ITEMS_PER_USER = 50;

export interface Subject {
  user_id: string;
  session_id: string;
  email: string;
}

/** The application's database, filled, and what signs tokens for it. */
export interface Fixtures {
  readonly env: Readonly<Record<string, string>>;
  readonly subjects: readonly Subject[];
  readonly access_tokens: readonly string[];
  /** better-auth's session tokens; empty until its tables are filled. */
  readonly better_auth_tokens: readonly string[];
  /** Starts a new session for each user: what an earlier load left in flight cannot touch it. */
  newRefreshTokens: () => Promise<string[]>;
  /** A token of a reset for each user, in the order of the subjects. */
  newResetTokens: () => Promise<string[]>;
  /** Every mailbox and network may ask again. */
  clearLimits: () => Promise<void>;
  /** Gives better-auth the same users; its server has made its tables by then. */
  fillBetterAuth: () => Promise<void>;
  close: () => Promise<void>;
}

/** Migrates a new database on the server, fills it with users who each have a session and items, and makes one for better-auth. */
export async function createFixtures(
  server_url: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Fixtures> {
  const env = {
    SECRET_KEY: randomBytes(48).toString('base64url'),
    // They are counted all the same; from one address nothing else could be measured.
    LIMIT_REFRESHES_PER_IP: '100000/1s',
    LIMIT_WRITES_PER_ACCOUNT: '100000/1s',
    LIMIT_MAILS_PER_IP: '100000/1s',
    LIMIT_REGISTRATIONS_PER_IP: '100000/1s',
    ENVIRONMENT: 'production',
    DATABASE_URL: databaseUrl(server_url, 'bench'),
    BETTER_AUTH_URL: databaseUrl(server_url, 'better_auth'),
    BETTER_AUTH_PASSKEYS_URL: databaseUrl(server_url, 'better_auth_passkeys'),
    WEBAUTHN_RP_ID: RELYING_PARTY.id,
    WEBAUTHN_ORIGINS: RELYING_PARTY.origins.join(','),
    PASSWORD,
    ...settings,
  };
  const config = loadConfig(env);
  await createDatabase(env.DATABASE_URL);
  await createDatabase(env.BETTER_AUTH_URL);
  await createDatabase(env.BETTER_AUTH_PASSKEYS_URL);
  await migrate(env.DATABASE_URL);
  const client = await connect(env.DATABASE_URL);
  const hash = await bcrypt.hash(PASSWORD, config.bcrypt_cost);
  const subjects = Array.from({ length: USERS }, (_, number) => ({
    user_id: newId(),
    session_id: newId(),
    email: `user-${number}@example.com`,
  }));
  await fill(client, subjects, hash);
  const keyring = createKeyring(config, console);
  const tokens = createTokens(config, { now: () => new Date() }, keyring);
  const better_auth_tokens: string[] = [];
  return {
    env,
    subjects,
    access_tokens: subjects.map((subject) => tokens.signAccess({ ...subject, role: 'user' })),
    better_auth_tokens,
    newRefreshTokens: () => newRefreshTokens(client, { config, tokens, subjects }),
    newResetTokens: () => newResetTokens(client, keyring, subjects),
    clearLimits: async () => void (await client.query('truncate rate_limits')),
    fillBetterAuth: async () => {
      better_auth_tokens.push(...(await fillBetterAuth(env.BETTER_AUTH_URL, subjects, hash)));
    },
    close: () => client.end(),
  };
}

/** The URL of another database on the same server. */
export function databaseUrl(server_url: string, database: string): string {
  const url = new URL(server_url);
  url.pathname = `/${database}`;
  return url.href;
}

/** Brings a database to the revision that the application needs, and adds the table of the notes. */
export async function migrate(url: string): Promise<void> {
  await createMigrator({ ...REVISIONS, connect: () => connect(url) }).upgrade('head');
  const client = await connect(url);
  await client.query(NOTES_SQL);
  await client.end();
}

/** A connection that the caller ends. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}

async function fill(client: pg.Client, subjects: readonly Subject[], hash: string): Promise<void> {
  await client.query(
    `insert into users (id, email, name, password_hash)
     select user_id, email, 'Ada Lovelace', $2 from json_to_recordset($1) as row (user_id uuid, email text)`,
    [JSON.stringify(subjects), hash],
  );
  await startSessions(client, subjects);
  const items = subjects.flatMap(({ user_id }) =>
    Array.from({ length: ITEMS_PER_USER }, () => ({ id: newId(), user_id })),
  );
  await client.query(
    `insert into kit_notes (id, title, description, owner_id)
     select id, 'Water the plants', 'Every Monday, and twice a week in summer', user_id
     from json_to_recordset($1) as row (id uuid, user_id uuid)`,
    [JSON.stringify(items)],
  );
  await client.query('vacuum analyze');
}

async function newRefreshTokens(
  client: pg.Client,
  { config, tokens, subjects }: { config: Config; tokens: Tokens; subjects: readonly Subject[] },
): Promise<string[]> {
  const issued_at = new Date();
  const expires_at = new Date(issued_at.getTime() + config.days_refresh_token_expire * 86_400_000);
  const started = subjects.map((subject) => ({ ...subject, session_id: newId() }));
  await startSessions(client, started);
  return started.map((subject) => tokens.signRefresh({ ...subject, counter: 0, issued_at, expires_at }));
}

async function newResetTokens(client: pg.Client, keyring: Keyring, subjects: readonly Subject[]): Promise<string[]> {
  const { id: key_id, secret } = keyring.signingAt(new Date()).one_time;
  const purpose = 'reset_password';
  const rows = subjects.map(({ user_id, email }) => ({ id: newId(), user_id, email, purpose, key_id }));
  await client.query(`delete from one_time_tokens`);
  await client.query(
    `insert into one_time_tokens (id, user_id, email, purpose, key_id, expires_at)
     select id, user_id, email, purpose, key_id, now() + interval '1 hour'
     from json_to_recordset($1) as row (id uuid, user_id uuid, email text, purpose text, key_id text)`,
    [JSON.stringify(rows)],
  );
  return rows.map((row) => linkToken(secret, row));
}

async function startSessions(client: pg.Client, subjects: readonly Subject[]): Promise<void> {
  await client.query(
    `insert into sessions (id, user_id, ip, user_agent, expires_at)
     select session_id, user_id, '127.0.0.1', 'bench', now() + interval '30 days'
     from json_to_recordset($1) as row (user_id uuid, session_id uuid)`,
    [JSON.stringify(subjects)],
  );
}

async function fillBetterAuth(url: string, subjects: readonly Subject[], hash: string): Promise<string[]> {
  const rows = subjects.map((subject) => ({ ...subject, token: randomBytes(24).toString('base64url') }));
  const client = await connect(url);
  try {
    for (const statement of BETTER_AUTH_ROWS) {
      const values = statement.includes('$2') ? [JSON.stringify(rows), hash] : [JSON.stringify(rows)];
      await client.query(statement, values);
    }
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
  return rows.map(({ token }) => token);
}

const BETTER_AUTH_ROWS = [
  `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
   select user_id, 'Ada Lovelace', email, true, now(), now() from json_to_recordset($1) as row (user_id text, email text)`,
  `insert into account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
   select user_id, user_id, 'credential', user_id, $2, now(), now() from json_to_recordset($1) as row (user_id text)`,
  `insert into session (id, token, "userId", "expiresAt", "createdAt", "updatedAt")
   select session_id, token, user_id, now() + interval '7 days', now(), now()
   from json_to_recordset($1) as row (session_id text, token text, user_id text)`,
];
