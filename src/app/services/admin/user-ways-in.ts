import { eq, inArray, sql } from 'drizzle-orm';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AppContext } from '../../context.ts';
import { identities } from '../../models/auth/identities.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { parseEmail } from '../../utils/emails.ts';
import { newId } from '../../utils/ids.ts';

/** By what a user signs in beside a password, as a file of objects holds it. */
export interface WaysIn {
  identities: Omit<typeof identities.$inferSelect, 'id' | 'user_id'>[];
  passkeys: Omit<typeof passkeys.$inferSelect, 'id' | 'user_id'>[];
}

type Db = Pick<AppContext, 'db'>;
type Owner = { id: string } & WaysIn;

const TIME = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$', maxLength: 30 });
const TIMES = { created_at: TIME, last_used_at: Type.Union([TIME, Type.Null()]) };
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000]*$' });
const base64url = (maxLength: number) => Type.String({ pattern: '^[\\w-]+$', maxLength });
const FORMS = {
  identities: Type.Array(
    Type.Object({
      provider: text(64),
      issuer: text(2048),
      subject: text(255),
      email: Type.Union([text(254), Type.Null()]),
      ...TIMES,
    }),
    { maxItems: 100 },
  ),
  passkeys: Type.Array(
    Type.Object({
      credential_id: base64url(1366),
      public_key: base64url(2048),
      name: text(100),
      transports: Type.Array(text(32), { maxItems: 10 }),
      counter: Type.Integer({ minimum: 0, maximum: 0xffffffff }),
      is_synced: Type.Boolean(),
      backed_up: Type.Boolean(),
      ...TIMES,
    }),
    { maxItems: 10 },
  ),
};

/** The lists of a row, empty if it has none. Throws an Error whose message says what is wrong. */
export function readWaysIn(fields: Readonly<Record<string, unknown>>): WaysIn {
  const [linked, keys] = [fields.identities ?? [], fields.passkeys ?? []];
  if (!Value.Check(FORMS.identities, linked)) throw new Error('identities are not in the form that export writes');
  if (!Value.Check(FORMS.passkeys, keys)) throw new Error('passkeys are not in the form that export writes');
  if (keys.length > 0 && (fields.id ?? '') === '')
    throw new Error('passkeys are of no use without the id of their user, which they name');
  return {
    identities: linked.map(({ provider, issuer, subject, email, ...times }) => ({
      ...{ provider, issuer, subject, email: (email === null ? undefined : parseEmail(email)) ?? null },
      ...timesOf(times),
    })),
    passkeys: keys.map(({ credential_id, public_key, name, transports, counter, is_synced, backed_up, ...times }) => ({
      ...{ credential_id, public_key, name, transports, counter, is_synced, backed_up },
      ...timesOf(times),
    })),
  };
}

/** What some users sign in by, by their ids. */
export async function findWaysIn({ db }: Db, ids: readonly string[]): Promise<Map<string, WaysIn>> {
  const found = new Map(ids.map((id): [string, WaysIn] => [id, { identities: [], passkeys: [] }]));
  if (ids.length === 0) return found;
  const [linked, keys] = [
    await db
      .select()
      .from(identities)
      .where(inArray(identities.user_id, [...ids]))
      .orderBy(identities.id),
    await db
      .select()
      .from(passkeys)
      .where(inArray(passkeys.user_id, [...ids]))
      .orderBy(passkeys.id),
  ];
  for (const { id: _id, user_id, ...identity } of linked) found.get(user_id)?.identities.push(identity);
  for (const { id: _id, user_id, ...passkey } of keys) found.get(user_id)?.passkeys.push(passkey);
  return found;
}

/** Stores what users sign in by, in the transaction that made them. */
export async function insertWaysIn({ db }: Db, owners: readonly Owner[]): Promise<void> {
  const linked = owners.flatMap(({ id: user_id, identities }) =>
    identities.map((one) => ({ id: newId(), ...one, user_id })),
  );
  const keys = owners.flatMap(({ id: user_id, passkeys }) => passkeys.map((one) => ({ id: newId(), ...one, user_id })));
  if (linked.length > 0) await db.insert(identities).values(linked);
  if (keys.length > 0) await db.insert(passkeys).values(keys);
}

/** What no two users may have, as texts that are alike if they are. */
export function keysOf({ identities, passkeys }: WaysIn): string[] {
  return [
    ...identities.map(({ issuer, subject }) => JSON.stringify([issuer, subject])),
    ...passkeys.map(({ credential_id }) => credential_id),
  ];
}

/** Those of the keys that some user has. */
export async function findTakenKeys({ db }: Db, owners: readonly WaysIn[]): Promise<Set<string>> {
  const subjects = owners.flatMap(({ identities }) => identities.map(({ subject }) => subject));
  const credentials = owners.flatMap(({ passkeys }) => passkeys.map(({ credential_id }) => credential_id));
  const { issuer, subject } = identities;
  const { credential_id } = passkeys;
  const linked =
    subjects.length === 0
      ? []
      : await db.select({ issuer, subject }).from(identities).where(inArray(subject, subjects));
  const keys =
    credentials.length === 0
      ? []
      : await db.select({ credential_id }).from(passkeys).where(inArray(credential_id, credentials));
  return new Set([
    ...linked.map((one) => JSON.stringify([one.issuer, one.subject])),
    ...keys.map((one) => one.credential_id),
  ]);
}

/** How much of it there is, and how many users have an authenticator app, whose secret leaves in no file. */
export async function countWaysIn({ db }: Db): Promise<{ identities: number; passkeys: number; apps: number }> {
  const ofOpen = (table: typeof identities | typeof passkeys) =>
    db.$count(table, sql`exists (select from ${users} where ${eq(users.id, table.user_id)} and ${isOpen})`);
  const apps = await db.$count(users, sql`${users.has_factor} and ${isOpen}`);
  return { identities: await ofOpen(identities), passkeys: await ofOpen(passkeys), apps };
}

function timesOf({ created_at, last_used_at }: { created_at: string; last_used_at: string | null }) {
  return { created_at: timeOf(created_at), last_used_at: last_used_at === null ? null : timeOf(last_used_at) };
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error(`${text} is not a time`);
  return time;
}
