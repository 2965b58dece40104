import bcrypt from 'bcrypt';
import type { Config } from '../../src/app/config.ts';
import { createKeyring } from '../../src/app/services/auth/tokens/keyring.ts';
import { createTokens, type Tokens } from '../../src/app/services/auth/tokens.ts';
import { forgedTokens } from './corpora/tokens.ts';

export const PASSWORD = 'correct horse battery staple';

/** The accounts that every batch finds as they were; ids are fixed, so that a replay sends the same bytes. */
export const USERS = {
  user: account(1, 'user'),
  other: account(2, 'user'),
  disabled: account(3, 'user'),
  admin: account(4, 'admin'),
  second_admin: account(5, 'admin'),
} as const;

export const SESSIONS = {
  user: session(1, 'user'),
  user_elsewhere: session(2, 'user'),
  other: session(3, 'other'),
  disabled: session(4, 'disabled'),
  admin: session(5, 'admin'),
  second_admin: session(6, 'second_admin'),
  /** Refreshed five times: its first tokens are long used. */
  worn: { ...session(7, 'other'), counter: 5 },
} as const;

/** A session that no row has: it has ended. */
const ENDED = session(99, 'user');

/** More than a page of one owner's, and some of another's. */
export const ITEMS = Array.from({ length: 24 }, (_, number) => ({
  id: fixedId(3, number),
  owner_id: USERS[number < 21 ? 'user' : 'other'].id,
  title: `Item ${number}`,
}));

/** What the caller signs in by beside a password, and what another user does; public keys that nobody answers for. */
export const PASSKEYS = (['user', 'user', 'other', 'admin'] as const).map((owner, number) => ({
  id: fixedId(4, number),
  user_id: USERS[owner].id,
  credential_id: `credential-${number}`,
}));
export const IDENTITIES = (['user', 'user', 'other', 'admin'] as const).map((owner, number) => ({
  id: fixedId(5, number),
  user_id: USERS[owner].id,
  subject: `subject-${number}`,
}));

export const UNKNOWN_ID = fixedId(9, 1);

/** Makes the rows above, and nothing else, what the tables of accounts and `kit_notes` hold; one text, one way to the server. */
export async function fixtureStatements(): Promise<string> {
  const hash = await bcrypt.hash(PASSWORD, 10);
  const users = Object.values(USERS).map(
    ({ id, email, role }) =>
      `('${id}', '${email}', 'Ada Lovelace', '${hash}', '${role}', ${email !== USERS.disabled.email})`,
  );
  const sessions = Object.values(SESSIONS).map(
    ({ id, user_id, counter }) =>
      `('${id}', '${user_id}', ${counter}, '127.0.0.1', 'curl/8', now() + interval '9 days')`,
  );
  const items = ITEMS.map(({ id, owner_id, title }) => `('${id}', '${owner_id}', '${title}')`);
  const passkeys = PASSKEYS.map(
    ({ id, user_id, credential_id }) =>
      `('${id}', '${user_id}', '${credential_id}', 'pQECAyYgASFYIA', 'My laptop', '{internal}', 0, true, true)`,
  );
  const identities = IDENTITIES.map(
    ({ id, user_id, subject }) => `('${id}', '${user_id}', 'corp', 'https://corp.example', '${subject}')`,
  );
  return `begin; delete from kit_notes; delete from sessions; delete from users; delete from login_failures; delete from oauth_flows;
    insert into users (id, email, name, password_hash, role, is_active) values ${users.join(', ')};
    insert into sessions (id, user_id, counter, ip, user_agent, expires_at) values ${sessions.join(', ')};
    update users set email_verified_at = now() where id in ('${USERS.user.id}', '${USERS.admin.id}');
    insert into passkeys (id, user_id, credential_id, public_key, name, transports, counter, is_synced, backed_up)
      values ${passkeys.join(', ')};
    insert into identities (id, user_id, provider, issuer, subject) values ${identities.join(', ')};
    insert into kit_notes (id, owner_id, title) values ${items.join(', ')}; commit`;
}

/** Every token that a request can name, by its name: those that are good, and those that must not be. */
export function mintTokens(config: Config): Record<string, string> {
  const now = new Date();
  const tokensAt = (time: Date): Tokens => createTokens(config, { now: () => time }, createKeyring(config, console));
  const tokens = tokensAt(now);
  const access = ({ id, user_id }: Session): string =>
    tokens.signAccess({ user_id, session_id: id, role: roleOf(user_id) });
  const refresh = ({ id, user_id }: Session, counter: number): string =>
    tokens.signRefresh({ user_id, session_id: id, counter, issued_at: now, expires_at: new Date(+now + 86_400_000) });
  const { user, other, disabled, admin, second_admin, worn } = SESSIONS;
  return {
    user: access(user),
    admin: access(admin),
    leaver: access(other),
    leaving_admin: access(second_admin),
    disabled: access(disabled),
    ended: access(ENDED),
    expired: tokensAt(new Date(+now - 3 * 86_400_000)).signAccess({
      user_id: user.user_id,
      session_id: user.id,
      role: 'user',
    }),
    mismatched: tokens.signAccess({ user_id: admin.user_id, session_id: user.id, role: 'admin' }),
    refresh_user: refresh(user, 0),
    refresh_other: refresh(other, 0),
    refresh_again: refresh(worn, 4),
    refresh_reused: refresh(worn, 1),
    refresh_ahead: refresh(user, 7),
    refresh_disabled: refresh(disabled, 0),
    refresh_ended: refresh(ENDED, 0),
    ...forgedTokens(access(user), { user_id: user.user_id, session_id: user.id }, config.secret_key.reveal()),
  };
}

type Session = { id: string; user_id: string };

function account(number: number, role: 'user' | 'admin') {
  return { id: fixedId(1, number), email: `person-${number}@example.com`, role };
}

function session(number: number, owner: keyof typeof USERS) {
  return { id: fixedId(2, number), user_id: USERS[owner].id, counter: 0 };
}

/** Looks like a UUIDv7 of early 2024: older than every row that a request makes. */
function fixedId(kind: number, number: number): string {
  return `018cc251-f40${kind}-7000-8000-${String(number).padStart(12, '0')}`;
}

function roleOf(user_id: string): 'user' | 'admin' {
  return Object.values(USERS).find(({ id }) => id === user_id)?.role ?? 'user';
}
