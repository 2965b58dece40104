import type { InjectOptions } from 'fastify';

/** Whom an operation is tried with: a user with a session and an item, and another one whom an administrator looks at. */
export interface Subjects {
  user: { id: string; email: string; session_id: string; refresh_token: string; item_id: string };
  other: { id: string; email: string; session_id: string };
  /** A mail that is dead. */
  mail_id: string;
  /** Everybody's. */
  password: string;
  /** An address that nobody has. */
  new_email: string;
}

/** A request of an operation of the API, in one of the ways that lead to other statements. */
export interface Operation {
  /** Method and path as the OpenAPI document has them. */
  name: string;
  variant?: string;
  as: 'user' | 'admin' | 'public';
  request: (subjects: Subjects) => InjectOptions;
  /** Where it is no 2xx. */
  status?: number;
}

/** Has the form of a link token. */
const NO_TOKEN = Buffer.alloc(40).toString('base64url');
/** Have the form of what a browser sends. */
const NO_ASSERTION = {
  ...{ id: 'AAAA', rawId: 'AAAA', type: 'public-key' },
  response: { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA' },
};
const NO_CREATION = { ...NO_ASSERTION, response: { clientDataJSON: 'e30', attestationObject: 'oA' } };
const NEW_PASSWORD = 'another horse battery staple';

/** Every operation that asks the database for rows. */
export const OPERATIONS: readonly Operation[] = [
  anybody('POST /auth/register', ({ new_email, password }) => ({ email: new_email, password })),
  anybody('POST /auth/login', ({ user, password }) => ({ email: user.email, password })),
  {
    ...anybody('POST /auth/login', ({ user }) => ({ email: user.email, password: 'wrong' })),
    variant: 'refused',
    status: 401,
  },
  {
    name: 'POST /auth/token',
    as: 'public',
    request: ({ user, password }) => ({
      method: 'POST',
      url: '/auth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ grant_type: 'password', username: user.email, password }).toString(),
    }),
  },
  anybody('POST /auth/forgot-password', ({ user }) => ({ email: user.email })),
  anybody('POST /auth/request-verify-token', ({ user }) => ({ email: user.email })),
  refused(
    anybody('POST /auth/reset-password', ({ user, password }) => ({ email: user.email, code: '00000000', password })),
  ),
  refused(anybody('POST /auth/verify', ({ user }) => ({ email: user.email, code: '00000000' }))),
  refused(anybody('POST /auth/secure-account', () => ({ token: NO_TOKEN }))),
  asUser('POST /auth/me/email', ({ new_email: email, password }) => ({ payload: { email, password } })),
  refused(anybody('POST /auth/confirm-email-change', ({ new_email: email }) => ({ email, code: '00000000' }))),
  anybody('POST /auth/login-codes', ({ user }) => ({ email: user.email })),
  refused(anybody('POST /auth/login-codes/verify', ({ user }) => ({ email: user.email, code: '00000000' }))),
  refused(anybody('POST /auth/accept-invitation', ({ password }) => ({ token: NO_TOKEN, password }))),
  refused(anybody('POST /auth/undo-email-change', () => ({ token: NO_TOKEN }))),
  {
    ...anybody('POST /auth/mfa', () => ({ mfa_token: NO_TOKEN, code: '123456' })),
    status: 401,
  },
  {
    ...anybody('POST /auth/oauth/exchange', () => ({ code: NO_TOKEN, code_verifier: 'x'.repeat(43) })),
    status: 400,
  },
  // Of a provider that is not configured.
  missing(ofProvider('GET', 'callback')),
  missing(ofProvider('POST', 'id-token', { id_token: 'x', nonce: 'n' })),
  asUser('GET /auth/me/identities'),
  further(
    asUser('GET /auth/me/identities', ({ user }) => ({
      url: `/auth/me/identities?cursor=${cursor(user.session_id)}`,
    })),
  ),
  missing(asUser('POST /auth/me/identities/{id}', () => ({ url: '/auth/me/identities/nobody', payload: {} }))),
  missing(asUser('DELETE /auth/me/identities/{id}', ({ user }) => ({ url: `/auth/me/identities/${user.item_id}` }))),
  asUser('GET /auth/me/factors'),
  asUser('POST /auth/me/factors', () => ({ payload: { type: 'totp' } })),
  missing(
    asUser('POST /auth/me/factors/{id}/activate', ({ user }) => ({
      url: `/auth/me/factors/${user.item_id}/activate`,
      payload: { code: '123456' },
    })),
  ),
  missing(asUser('DELETE /auth/me/factors/{id}', ({ user }) => ({ url: `/auth/me/factors/${user.item_id}` }))),
  {
    ...anybody('POST /auth/passkeys/login', () => ({ challenge_id: 'x', credential: NO_ASSERTION })),
    status: 401,
  },
  asUser('POST /auth/me/passkeys/options', () => ({ payload: {} })),
  {
    ...asUser('POST /auth/me/passkeys', () => ({ payload: { challenge_id: 'x', credential: NO_CREATION } })),
    status: 401,
  },
  asUser('GET /auth/me/passkeys'),
  further(
    asUser('GET /auth/me/passkeys', ({ user }) => ({ url: `/auth/me/passkeys?cursor=${cursor(user.session_id)}` })),
  ),
  missing(
    asUser('PATCH /auth/me/passkeys/{id}', ({ user }) => ({
      url: `/auth/me/passkeys/${user.item_id}`,
      payload: { name: 'Phone' },
    })),
  ),
  missing(asUser('DELETE /auth/me/passkeys/{id}', ({ user }) => ({ url: `/auth/me/passkeys/${user.item_id}` }))),
  missing(asUser('POST /auth/me/recovery-codes')),
  asUser('POST /auth/me/reauthenticate', ({ password }) => ({ payload: { password } })),
  anybody('POST /auth/refresh', ({ user }) => ({ refresh_token: user.refresh_token })),
  asUser('POST /auth/logout'),
  asUser('GET /auth/me'),
  asUser('PATCH /auth/me', () => ({ payload: { name: 'Ada' } })),
  asUser('DELETE /auth/me', ({ password }) => ({ payload: { password } })),
  asUser('POST /auth/me/password', ({ password }) => ({
    payload: { current_password: password, new_password: NEW_PASSWORD },
  })),
  asUser('DELETE /auth/me/lock', ({ password }) => ({ payload: { password } })),
  asUser('GET /auth/sessions'),
  further(asUser('GET /auth/sessions', ({ user }) => ({ url: `/auth/sessions?cursor=${cursor(user.session_id)}` }))),
  asUser('DELETE /auth/sessions'),
  asUser('DELETE /auth/sessions/{id}', ({ user }) => ({ url: `/auth/sessions/${user.session_id}` })),
  asUser('GET /kit-notes'),
  further(asUser('GET /kit-notes', ({ user }) => ({ url: `/kit-notes?cursor=${cursor(user.session_id)}` }))),
  { ...asAdmin('GET /kit-notes'), variant: 'everybody’s' },
  {
    ...asAdmin('GET /kit-notes', ({ user }) => ({ url: `/kit-notes?cursor=${cursor(user.id)}` })),
    variant: 'everybody’s, further on',
  },
  asUser('POST /kit-notes', () => ({ payload: { title: 'x' } })),
  asUser('GET /kit-notes/{id}', ({ user }) => ({ url: `/kit-notes/${user.item_id}` })),
  asUser('PATCH /kit-notes/{id}', ({ user }) => ({ url: `/kit-notes/${user.item_id}`, payload: { title: 'y' } })),
  asUser('DELETE /kit-notes/{id}', ({ user }) => ({ url: `/kit-notes/${user.item_id}` })),
  asUser('GET /files'),
  further(asUser('GET /files', ({ user }) => ({ url: `/files?cursor=${cursor(user.session_id)}` }))),
  { ...asAdmin('GET /files'), variant: 'everybody’s' },
  asUser('POST /files', () => ({ payload: { name: 'x', type: 'image/png', size: 5, purpose: 'cover' } })),
  missing(asUser('POST /files/{id}/complete', ({ user }) => ({ url: `/files/${user.item_id}/complete` }))),
  missing(asUser('GET /files/{id}', ({ user }) => ({ url: `/files/${user.item_id}` }))),
  missing(asUser('DELETE /files/{id}', ({ user }) => ({ url: `/files/${user.item_id}` }))),
  asAdmin('GET /users'),
  further(asAdmin('GET /users', ({ user }) => ({ url: `/users?cursor=${cursor(user.id)}` }))),
  filtered('GET /users', '?email=', ({ other }) => other.email),
  filtered('GET /users', '?role=', () => 'admin'),
  filtered('GET /users', '?is_active=', () => 'false'),
  filtered('GET /users', '?role=user&is_active=', () => 'false'),
  asAdmin('POST /users', ({ new_email, password }) => ({ payload: { email: new_email, password } })),
  asAdmin('POST /users/invitations', ({ new_email: email }) => ({ payload: { email } })),
  asAdmin('GET /users/{id}', ({ other }) => ({ url: `/users/${other.id}` })),
  asAdmin('PATCH /users/{id}', ({ other }) => ({ url: `/users/${other.id}`, payload: { is_active: false } })),
  asAdmin('DELETE /users/{id}', ({ other }) => ({ url: `/users/${other.id}` })),
  asAdmin('GET /users/{id}/lock', ({ other }) => ({ url: `/users/${other.id}/lock` })),
  asAdmin('DELETE /users/{id}/lock', ({ other }) => ({ url: `/users/${other.id}/lock` })),
  asAdmin('DELETE /users/{id}/factors', ({ other }) => ({
    url: `/users/${other.id}/factors`,
    payload: { reason: 'lost' },
  })),
  asAdmin('GET /users/{id}/sessions', ({ other }) => ({ url: `/users/${other.id}/sessions` })),
  asAdmin('DELETE /users/{id}/sessions', ({ other }) => ({ url: `/users/${other.id}/sessions` })),
  asAdmin('DELETE /users/{id}/sessions/{session_id}', ({ other }) => ({
    url: `/users/${other.id}/sessions/${other.session_id}`,
  })),
  asAdmin('GET /users/{id}/lock', ({ other }) => ({ url: `/users/${other.id}/lock` })),
  asAdmin('DELETE /users/{id}/lock', ({ other }) => ({ url: `/users/${other.id}/lock` })),
  asAdmin('GET /mails'),
  further(asAdmin('GET /mails', ({ mail_id }) => ({ url: `/mails?cursor=${cursor(mail_id)}` }))),
  filtered('GET /mails', '?state=', () => 'pending'),
  filtered('GET /mails', '?state=dead&kind=', () => 'verify_email'),
  filtered('GET /mails', '?to=', ({ other }) => other.email),
  filtered('GET /mails', '?kind=', () => 'login_code'),
  asAdmin('POST /mails/{id}/retry', ({ mail_id }) => ({ url: `/mails/${mail_id}/retry` })),
  asAdmin('GET /audit-events'),
  further(asAdmin('GET /audit-events', ({ user }) => ({ url: `/audit-events?cursor=${cursor(user.session_id)}` }))),
  filtered('GET /audit-events', '?actor_id=', ({ other }) => other.id),
  filtered('GET /audit-events', '?subject_id=', ({ other }) => other.id),
  filtered('GET /audit-events', '?event=', () => 'session.refresh_token_reused'),
  filtered('GET /audit-events', '?since=', () => new Date(Date.now() - 3_600_000).toISOString()),
  filtered('GET /audit-events', '?until=', () => new Date(Date.now() - 3_600_000).toISOString()),
  filtered('GET /audit-events', '?event=session.started&actor_id=', ({ other }) => other.id),
];

/** Operations that ask for no row of a table that grows. */
export const WITHOUT_ROWS: readonly string[] = [
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /metrics',
  'GET /.well-known/jwks.json',
  'GET /auth/oauth/providers',
  'GET /auth/oauth/{provider}/start',
  'POST /auth/oauth/{provider}/callback',
  'GET /.well-known/passkey-endpoints',
  'GET /.well-known/webauthn',
  'POST /auth/passkeys/options',
];

/** Reads its rows batch by batch, by the statement of the list; see row-files. */
export const IN_BATCHES: readonly string[] = ['GET /audit-events/export', 'GET /kit-notes/export'];

/** How often each operation crosses to the database, its session's check included: a new one states its own. */
export const CROSSINGS: Readonly<Record<string, number>> = {
  'GET /': 0,
  'GET /.well-known/jwks.json': 0,
  'GET /.well-known/passkey-endpoints': 0,
  'GET /.well-known/webauthn': 0,
  'GET /audit-events': 1,
  'GET /audit-events/export': 1,
  'POST /auth/accept-invitation': 1,
  'POST /auth/confirm-email-change': 1,
  'POST /auth/forgot-password': 5,
  'POST /auth/login': 3,
  'POST /auth/login, refused': 3,
  'POST /auth/login-codes': 5,
  'POST /auth/login-codes/verify': 1,
  'POST /auth/logout': 2,
  'POST /auth/mfa': 1,
  'DELETE /auth/me': 6,
  'GET /auth/me': 1,
  'PATCH /auth/me': 2,
  'DELETE /auth/me/lock': 4,
  'POST /auth/me/email': 9,
  'GET /auth/oauth/providers': 0,
  'GET /auth/oauth/{provider}/start': 0,
  'GET /auth/oauth/{provider}/callback': 2,
  'POST /auth/oauth/{provider}/callback': 0,
  'POST /auth/oauth/{provider}/id-token': 2,
  'POST /auth/oauth/exchange': 1,
  'GET /auth/me/identities': 1,
  'POST /auth/me/identities/{id}': 2,
  'DELETE /auth/me/identities/{id}': 5,
  'GET /auth/me/factors': 1,
  'POST /auth/me/factors': 4,
  'DELETE /auth/me/factors/{id}': 5,
  'POST /auth/me/factors/{id}/activate': 2,
  'GET /auth/me/passkeys': 1,
  'POST /auth/me/passkeys': 1,
  'DELETE /auth/me/passkeys/{id}': 5,
  'PATCH /auth/me/passkeys/{id}': 2,
  'POST /auth/me/passkeys/options': 3,
  'POST /auth/me/reauthenticate': 6,
  'POST /auth/me/recovery-codes': 5,
  'POST /auth/me/password': 4,
  'POST /auth/passkeys/login': 3,
  'POST /auth/passkeys/options': 0,
  'POST /auth/refresh': 1,
  'POST /auth/register': 3,
  'POST /auth/request-verify-token': 5,
  'POST /auth/reset-password': 1,
  'POST /auth/secure-account': 1,
  'DELETE /auth/sessions': 2,
  'GET /auth/sessions': 1,
  'DELETE /auth/sessions/{id}': 2,
  'POST /auth/token': 3,
  'POST /auth/undo-email-change': 1,
  'POST /auth/verify': 1,
  'GET /files': 1,
  'POST /files': 3,
  'DELETE /files/{id}': 2,
  'GET /files/{id}': 2,
  'POST /files/{id}/complete': 2,
  'GET /health': 1,
  'GET /health/live': 0,
  'GET /health/ready': 1,
  'GET /kit-notes': 1,
  'POST /kit-notes': 2,
  'DELETE /kit-notes/{id}': 2,
  'GET /kit-notes/{id}': 1,
  'PATCH /kit-notes/{id}': 2,
  'GET /mails': 1,
  'POST /mails/{id}/retry': 2,
  'GET /metrics': 0,
  'GET /users': 1,
  'POST /users': 2,
  'POST /users/invitations': 5,
  'DELETE /users/{id}': 4,
  'GET /users/{id}': 1,
  'PATCH /users/{id}': 4,
  'DELETE /users/{id}/factors': 5,
  'DELETE /users/{id}/lock': 4,
  'GET /users/{id}/lock': 1,
  'DELETE /users/{id}/sessions': 3,
  'GET /users/{id}/sessions': 1,
  'DELETE /users/{id}/sessions/{session_id}': 3,
};

/** Makes a mail that is dead, for `POST /mails/{id}/retry`. */
export const DEAD_MAIL_SQL = `insert into jobs (id, kind, payload, max_attempts, state, finished_at)
  values ($1, 'mail.send', '{"kind": "verify_email", "to": "nobody@example.com", "locale": "en", "at": "2026-11-27T14:05:00Z"}', 8, 'dead', now())`;

/** Makes a passkey of an account whose key nobody has. */
export const PASSKEY_SQL = `insert into passkeys (id, user_id, credential_id, public_key, name, transports, counter, is_synced, backed_up)
  values ($1, $2, $1::uuid::text, '', 'Key', '{}', 0, true, true)`;

/** Makes a file that is ready, whose content nobody has. */
export const FILE_SQL = `insert into files (id, owner_id, name, type, size, purpose, state)
  values ($1, $2, 'cover.png', 'image/png', 5, 'cover', 'ready')`;

/** What stands for an operation in a title: `GET /users, ?email=`. */
export function titleOf({ name, variant }: Operation): string {
  return variant === undefined ? name : `${name}, ${variant}`;
}

function anybody(name: string, payload: (subjects: Subjects) => object): Operation {
  return { name, as: 'public', request: (subjects) => ({ ...target(name), payload: payload(subjects) }) };
}

function ofProvider(method: 'GET' | 'POST', step: string, payload?: object): Operation {
  const url = `/auth/oauth/nobody/${step}`;
  const request = () => ({ method, url, ...(payload && { payload }) });
  return { name: `${method} /auth/oauth/{provider}/${step}`, as: 'public', request };
}

function asUser(name: string, request: Operation['request'] = () => ({})): Operation {
  return { name, as: 'user', request: (subjects) => ({ ...target(name), ...request(subjects) }) };
}

function asAdmin(name: string, request: Operation['request'] = () => ({})): Operation {
  return { ...asUser(name, request), as: 'admin' };
}

/** With a token that is none, since a right one is in a mail. */
function refused(operation: Operation): Operation {
  return { ...operation, status: 400 };
}

/** Of a thing that the account does not have. */
function missing(operation: Operation): Operation {
  return { ...operation, status: 404 };
}

function further(operation: Operation): Operation {
  return { ...operation, variant: 'further on' };
}

function filtered(name: string, query: string, value: (subjects: Subjects) => string): Operation {
  const url = (subjects: Subjects): string => `${target(name).url}${query}${encodeURIComponent(value(subjects))}`;
  return { ...asAdmin(name, (subjects) => ({ url: url(subjects) })), variant: query };
}

function target(name: string): { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; url: string } {
  const [method = '', url = ''] = name.split(' ');
  // The names above begin with one of these.
  return { method: method as 'GET' | 'POST' | 'PATCH' | 'DELETE', url };
}

function cursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}
