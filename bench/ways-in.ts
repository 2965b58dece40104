import { randomBytes } from 'node:crypto';
import { symmetricEncrypt } from 'better-auth/crypto';
import type pg from 'pg';
import { loadConfig } from '../src/app/config.ts';
import { codeOfStep, fromBase32, newSecret, stepsAt } from '../src/app/services/auth/factors/totp.ts';
import { userHandleOf } from '../src/app/services/auth/passkey-proof.ts';
import { seal } from '../src/app/services/auth/sealing.ts';
import { createKeyring } from '../src/app/services/auth/tokens/keyring.ts';
import { type NewCredential, verifyCreation } from '../src/app/services/auth/webauthn.ts';
import { newId } from '../src/app/utils/ids.ts';
import { type Authenticator, softAuthenticator } from '../tests/helpers/soft-authenticator.ts';
import { connect, type Fixtures, RELYING_PARTY, type Subject } from './fixtures.ts';

/** A user with a password and an authenticator app; each server has a secret of its own form. */
export interface AppUser {
  user_id: string;
  email: string;
  /** The code of now. */
  code: (server: 'ours' | 'better-auth') => string;
}

/** The accounts whose way in is more than a password, in the databases of all servers that run. */
export interface WaysIn {
  readonly apps: readonly AppUser[];
  /** One for each of the ordinary users. */
  readonly authenticators: readonly Authenticator[];
  /** Every code may be sent once more: the application takes each once. */
  forgetCodes: () => Promise<void>;
  close: () => Promise<void>;
}

/** As many as the heaviest load of logins. */
const APP_USERS = 64;

/** Adds users with authenticator apps, and a passkey for each of the others. */
export async function createWaysIn(
  { env, subjects }: Fixtures,
  { hasBetterAuth, hasBetterAuthPasskeys }: { hasBetterAuth: boolean; hasBetterAuthPasskeys: boolean },
): Promise<WaysIn> {
  const client = await connect(env.DATABASE_URL ?? '');
  const apps = Array.from({ length: APP_USERS }, (_, number) => newApp(number));
  const keys = await Promise.all(subjects.map(newPasskey));
  await fillApps(client, env, apps);
  await fill(client, PASSKEYS, keys);
  if (hasBetterAuth) await fillBetterAuthApps(env, apps);
  if (hasBetterAuthPasskeys) await fillBetterAuthPasskeys(env, keys, subjects);
  return {
    apps: apps.map(({ user_id, email, secret, better_auth_secret }) => ({
      user_id,
      email,
      code: (server) => codeNow(server === 'ours' ? fromBase32(secret) : Buffer.from(better_auth_secret)),
    })),
    authenticators: keys.map(({ authenticator }) => authenticator),
    forgetCodes: async () => void (await client.query('update factors set last_step = null')),
    close: () => client.end(),
  };
}

type App = ReturnType<typeof newApp>;

function newApp(number: number) {
  return {
    id: newId(),
    user_id: newId(),
    email: `app-${number}@example.com`,
    secret: newSecret(),
    // It takes the letters of the text as the bytes of the key.
    better_auth_secret: randomBytes(24).toString('base64url'),
  };
}

type Passkey = NewCredential & { id: string; user_id: string; key: string; authenticator: Authenticator };

async function newPasskey({ user_id }: Subject): Promise<Passkey> {
  const authenticator = softAuthenticator();
  const challenge = randomBytes(32).toString('base64url');
  const [origin] = RELYING_PARTY.origins;
  const options = { rp: RELYING_PARTY, user: { id: userHandleOf(user_id) }, challenge };
  const { id, rawId, response } = authenticator.create(options, { ...(origin !== undefined && { origin }) });
  const credential = { id, rawId, response, type: 'public-key' } as const;
  const made = await verifyCreation(RELYING_PARTY, { challenge, credential });
  if (made instanceof Error) throw made;
  const key = Buffer.from(made.public_key, 'base64url').toString('base64');
  return { ...made, id: newId(), user_id, key, authenticator };
}

function codeNow(secret: Buffer): string {
  const [step = 0] = stepsAt(new Date());
  return codeOfStep(secret, step);
}

async function fillApps(client: pg.Client, env: Fixtures['env'], apps: readonly App[]): Promise<void> {
  const { one_time, sealing } = createKeyring(loadConfig(env), console).signingAt(new Date());
  const rows = apps.map((app) => ({ ...app, key_id: one_time.id, sealed_secret: seal(sealing, app.secret, app) }));
  await fill(client, USERS, rows);
  await fill(client, FACTORS, rows);
}

async function fillBetterAuthApps(env: Fixtures['env'], apps: readonly App[]): Promise<void> {
  const rows = await Promise.all(
    apps.map(async (app) => ({
      ...app,
      sealed: await symmetricEncrypt({ key: env.SECRET_KEY ?? '', data: app.better_auth_secret }),
    })),
  );
  const client = await connect(env.BETTER_AUTH_URL ?? '');
  try {
    for (const statement of BETTER_AUTH_APPS) await fill(client, statement, rows);
  } finally {
    await client.end();
  }
}

async function fillBetterAuthPasskeys(
  env: Fixtures['env'],
  keys: readonly Passkey[],
  subjects: readonly Subject[],
): Promise<void> {
  const client = await connect(env.BETTER_AUTH_PASSKEYS_URL ?? '');
  try {
    await fill(client, BETTER_AUTH_USERS, subjects);
    await fill(client, BETTER_AUTH_PASSKEYS, keys);
  } finally {
    await client.end();
  }
}

async function fill(client: pg.Client, statement: string, rows: readonly object[]): Promise<void> {
  await client.query(statement, [JSON.stringify(rows)]);
}

/** With the password of the others. */
const USERS = `
  insert into users (id, email, name, password_hash, email_verified_at, has_factor)
  select user_id, email, 'Ada Lovelace', (select password_hash from users limit 1), now(), true
  from json_to_recordset($1) as row (user_id uuid, email text)`;

const FACTORS = `
  insert into factors (id, user_id, type, name, sealed_secret, key_id, is_active)
  select id, user_id, 'totp', 'Phone', sealed_secret, key_id, true
  from json_to_recordset($1) as row (id uuid, user_id uuid, sealed_secret text, key_id text)`;

const PASSKEYS = `
  insert into passkeys (id, user_id, credential_id, public_key, name, transports, counter, is_synced, backed_up)
  select id, user_id, credential_id, public_key, 'Phone', '{internal}', counter, is_synced, backed_up
  from json_to_recordset($1)
    as row (id uuid, user_id uuid, credential_id text, public_key text, counter bigint, is_synced boolean, backed_up boolean)`;

const BETTER_AUTH_USERS = `
  insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
  select user_id, 'Ada Lovelace', email, true, now(), now() from json_to_recordset($1) as row (user_id text, email text)`;

const BETTER_AUTH_PASSKEYS = `
  insert into passkey (id, name, "publicKey", "userId", "credentialID", counter, "deviceType", "backedUp", transports, "createdAt")
  select id, 'Phone', key, user_id, credential_id, counter, 'multiDevice', backed_up, 'internal', now()
  from json_to_recordset($1)
    as row (id text, user_id text, credential_id text, key text, counter int, backed_up boolean)`;

const BETTER_AUTH_APPS = [
  BETTER_AUTH_USERS,
  `insert into account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
   select user_id, user_id, 'credential', user_id, (select password from account limit 1), now(), now()
   from json_to_recordset($1) as row (user_id text)`,
  `update "user" set "twoFactorEnabled" = true where id in (select user_id from json_to_recordset($1) as row (user_id text))`,
  `insert into "twoFactor" (id, secret, "backupCodes", "userId", verified)
   select id, sealed, '', user_id, true from json_to_recordset($1) as row (id text, user_id text, sealed text)`,
];
