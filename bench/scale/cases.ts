import { PASSWORD } from '../fixtures.ts';
import type { Filled, Picked } from './cluster.ts';
import { RARE_EVENT } from './rows.ts';

/** A request as it is sent. */
export interface Sent {
  method: 'GET' | 'POST';
  path: string;
  token?: string;
  body?: string;
}

/** One kind of request, of a database of any size. */
export interface Case {
  readonly name: string;
  /** How many make a round; a login takes as long as its hash. */
  readonly samples: number;
  /** The request with a number; the same number asks for other rows of each database. */
  readonly request: (filled: Filled, number: number) => Sent;
  /** May be sent twice. */
  readonly is_read?: true;
  /** Told of each answer. */
  readonly onAnswer?: (filled: Filled, number: number, body: string) => void;
}

const SAMPLES = 175;
const LOGIN_SAMPLES = 170;
const refreshTokens = new Map<string, string>();

/** Every case, in the order of the table. */
export const CASES: readonly Case[] = [
  read('GET /auth/me', ({ users }, n) => ({ path: '/auth/me', as: at(users, n) })),
  {
    name: 'POST /auth/login',
    samples: LOGIN_SAMPLES,
    request: ({ users }, n) => post('/auth/login', { email: at(users, n).email, password: PASSWORD }),
  },
  {
    name: 'POST /auth/refresh',
    samples: SAMPLES,
    request: (filled, n) => post('/auth/refresh', { refresh_token: refreshToken(filled, at(filled.users, n)) }),
    onAnswer: (filled, n, body) =>
      void refreshTokens.set(at(filled.users, n).session_id, JSON.parse(body).refresh_token),
  },
  asAdmin('GET /users?email=, a broad beginning', ({ users }, n) => `/users?email=${at(users, n).email[0]}`),
  asAdmin('GET /users?email=, 15 matches', ({ users }, n) => `/users?email=${at(users, n).email.split('.')[0]}.`),
  asAdmin('GET /users?email=, an address', ({ users }, n) => `/users?email=${at(users, n).email}`),
  asAdmin('GET /users?role=admin', () => '/users?role=admin'),
  asAdmin('GET /users?is_active=false', () => '/users?is_active=false'),
  asAdmin('GET /users', () => '/users'),
  asAdmin('GET /users, a page deep inside', ({ users }, n) => `/users?cursor=${cursor(at(users, n).user_id)}`),
  read('GET /kit-notes', ({ owners }, n) => ({ path: '/kit-notes', as: at(owners, n) })),
  asAdmin('GET /kit-notes, everybody’s', () => '/kit-notes'),
  asAdmin(
    'GET /kit-notes, everybody’s, deep inside',
    ({ users }, n) => `/kit-notes?cursor=${cursor(at(users, n).user_id)}`,
  ),
  asAdmin('GET /audit-events', () => '/audit-events'),
  asAdmin(
    'GET /audit-events, deep inside',
    ({ users }, n) => `/audit-events?cursor=${cursor(at(users, n).session_id)}`,
  ),
  asAdmin('GET /audit-events?actor_id=', ({ users }, n) => `/audit-events?actor_id=${at(users, n).user_id}`),
  asAdmin('GET /audit-events?event=, a common one', () => '/audit-events?event=session.started'),
  asAdmin('GET /audit-events?event=, a rare one', () => `/audit-events?event=${RARE_EVENT}`),
];

function read(name: string, requestOf: (filled: Filled, number: number) => { path: string; as: Picked }): Case {
  return {
    name,
    samples: SAMPLES,
    is_read: true,
    request: (filled, number) => {
      const { path, as } = requestOf(filled, number);
      return { method: 'GET', path, token: filled.tokens.signAccess(as) };
    },
  };
}

function asAdmin(name: string, pathOf: (filled: Filled, number: number) => string): Case {
  return read(name, (filled, number) => ({ path: pathOf(filled, number), as: filled.admin }));
}

function post(path: string, body: object): Sent {
  return { method: 'POST', path, body: JSON.stringify(body) };
}

/** A session that was refreshed before goes on with the token that it got. */
function refreshToken({ tokens }: Filled, { refreshed_at: issued_at, expires_at, ...claims }: Picked): string {
  return refreshTokens.get(claims.session_id) ?? tokens.signRefresh({ ...claims, issued_at, expires_at });
}

function at(picked: readonly Picked[], number: number): Picked {
  // Never empty: who picked has counted them.
  return picked[number % picked.length] as Picked;
}

/** Where a list goes on after this id. */
function cursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}
