import type { LightMyRequestResponse } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { product } from '../../src/app/product.ts';
import { ERROR_CODES } from '../../src/app/utils/error-codes.ts';
import { PASSWORD, SECRET_KEY, type TestUser } from '../helpers/api.ts';
import {
  collectionsOf,
  idsEverywhere,
  idsOf,
  isHidden,
  isPaged,
  liveRoutes,
  type Operation,
  operations,
  requestTo,
} from '../helpers/operations.ts';
import { isClosed, propertiesOf } from '../helpers/schemas.ts';
import { stateOf } from '../helpers/state.ts';
import { facts, startWithTestProduct, TEST_PRODUCT } from '../helpers/test-product.ts';

/** What anybody may ask of the kit. A route of a product that is open to all has to be written down in tests/product.ts. */
const OPEN = [
  'GET /metrics',
  'POST /auth/register',
  'POST /auth/login',
  'POST /auth/token',
  'POST /auth/refresh',
  'POST /auth/forgot-password',
  'POST /auth/reset-password',
  'POST /auth/request-verify-token',
  'POST /auth/verify',
  'POST /auth/secure-account',
  'POST /auth/confirm-email-change',
  'POST /auth/undo-email-change',
  'POST /auth/accept-invitation',
  'POST /auth/login-codes',
  'POST /auth/login-codes/verify',
  'POST /auth/mfa',
  'GET /auth/oauth/providers',
  'GET /auth/oauth/:provider/start',
  'GET /auth/oauth/:provider/callback',
  'POST /auth/oauth/:provider/callback',
  'POST /auth/oauth/exchange',
  'POST /auth/oauth/:provider/id-token',
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /.well-known/jwks.json',
  'GET /.well-known/passkey-endpoints',
  'GET /.well-known/webauthn',
  'POST /auth/passkeys/options',
  'POST /auth/passkeys/login',
];
const UNKNOWN = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';

const api = startWithTestProduct({ RATE_LIMITS: 'false' });
const all = await operations(TEST_PRODUCT);
const routes = await liveRoutes({}, TEST_PRODUCT);
const guarded = all.filter(({ auth }) => auth !== 'public');
const ofUsers = all.filter(({ auth }) => auth === 'user');
const ofAdmins = all.filter(({ auth }) => auth === 'admin');
const byName = (chosen: Operation[]) => chosen.map((operation) => [operation.name, operation] as const);

let admin: TestUser;
let owner: TestUser;
let stranger: TestUser;
let ids: Record<string, string>;

beforeAll(async () => {
  [admin, owner, stranger] = [await api.admin(), await api.user(), await api.user()];
  ids = await own(owner);
});

const own = (user: TestUser): Promise<Record<string, string>> => idsOf(user, { known: all, api });

/** Sends it and proves that nothing is other than before. */
async function refused(request: Parameters<typeof api.request>[0]): Promise<LightMyRequestResponse> {
  const before = await stateOf(api);
  const answer = await api.request(request);
  expect(await stateOf(api)).toEqual(before);
  return answer;
}

function problem(answer: LightMyRequestResponse): [number, string] {
  return [answer.statusCode, answer.json().code];
}

/** All that a client can tell two answers apart by, but for what names the request itself. */
function seen({ statusCode, headers, body }: LightMyRequestResponse): unknown {
  const { date: _date, 'x-request-id': id, ...rest } = headers;
  return { statusCode, headers: rest, body: body.replace(String(id), '') };
}

describe('who may call what', () => {
  it('is open only where it is known to be', () => {
    const open = all.filter(({ auth }) => auth === 'public').map(({ name }) => name);
    expect(open.sort()).toEqual([...OPEN, ...facts.open].sort());
    expect(guarded.length).toBeGreaterThan(15);
    const silent = routes.filter(({ auth, hidden }) => auth === undefined && !hidden);
    expect(silent.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  });

  it('is for HEAD what it is for GET', async () => {
    for (const { method, url, auth } of routes.filter(({ method, auth }) => method === 'HEAD' && auth !== 'public')) {
      const get = all.find((operation) => operation.method === 'GET' && operation.url === url);
      if (get === undefined) continue;
      expect(auth, `${method} ${url}`).toBe(get.auth);
      const answer = await api.request({ ...requestTo(get, { ids }), method: 'HEAD' });
      expect([answer.statusCode, answer.body]).toEqual([401, '']);
    }
  });
});

describe('nobody', () => {
  it.each(byName(guarded))('%s is not_authenticated, whatever else the request carries', async (_name, operation) => {
    const answer = await refused(requestTo(operation, { ids, user: owner }));
    expect(problem(answer)).toEqual([401, 'not_authenticated']);
    expect(answer.headers['www-authenticate']).toBe(`Bearer realm="${product.slug}"`);
    const claims = {
      'x-user-id': admin.id,
      'x-forwarded-user': admin.email,
      'x-remote-user': admin.email,
      'x-original-url': '/health',
      'x-rewrite-url': '/health',
      'x-http-method-override': 'OPTIONS',
      cookie: `access_token=${admin.access_token}; session=${admin.access_token}`,
    };
    const request = requestTo(operation, { ids, user: owner });
    const query = `?access_token=${admin.access_token}&_method=OPTIONS`;
    const url = `${request.url}${query}`;
    const other = await refused({ ...request, url, headers: { ...request.headers, ...claims } });
    // It knows the cookie of a session, which a page of another site must not send.
    const isLogout = operation.name === 'POST /auth/logout';
    expect(problem(other)).toEqual(isLogout ? [403, 'cross_site_request'] : [401, 'not_authenticated']);
  });
});

describe('a user', () => {
  it.each(byName(ofAdmins))('%s is forbidden', async (_name, operation) => {
    const token = stranger.access_token;
    expect(problem(await refused({ ...requestTo(operation, { ids }), token }))).toEqual([403, 'forbidden']);
    const unknown = idsEverywhere(all, UNKNOWN);
    expect(problem(await refused({ ...requestTo(operation, { ids: unknown }), token }))).toEqual([403, 'forbidden']);
  });

  const hidden = ofUsers.filter((one) => isHidden(one) && !facts.doors.includes(one.name));
  it.each(byName(hidden))('%s knows nothing of what is somebody else’s, to the byte', async (_name, operation) => {
    const token = stranger.access_token;
    const nothing = idsEverywhere(all, UNKNOWN);
    const foreign = await refused({ ...requestTo(operation, { ids }), token });
    const unknown = await refused({ ...requestTo(operation, { ids: nothing }), token });
    expect(foreign.statusCode).toBe(404);
    expect(seen(foreign)).toEqual(seen(unknown));
    expect(JSON.stringify(seen(foreign))).not.toMatch(new RegExp(Object.values(ids).join('|')));
  });

  const shared = ofUsers.filter((one) => collectionsOf(one).length > 0 && !isHidden(one));
  it.each(byName(shared))('%s finds what is everybody’s, and changes nothing of it', async (_name, operation) => {
    const token = stranger.access_token;
    if (operation.method === 'GET')
      expect((await refused({ ...requestTo(operation, { ids }), token })).statusCode).toBe(200);
    else if (!facts.doors.includes(operation.name))
      expect([403, 404]).toContain((await refused({ ...requestTo(operation, { ids }), token })).statusCode);
    const nothing = idsEverywhere(all, UNKNOWN);
    expect((await refused({ ...requestTo(operation, { ids: nothing }), token })).statusCode).toBe(404);
  });

  const ofMembers = ofUsers.filter((one) =>
    collectionsOf(one).some((name) => facts.things[name]?.seenBy === 'members'),
  );
  it.each(byName(ofMembers))('%s is no secret from a member, who may read it', async (_name, operation) => {
    const [user, member] = [await api.user(), await api.user()];
    const ids = await own(user);
    for (const { admit } of Object.values(facts.things)) await admit?.({ user, member, ids }, api);
    const answer = await api.request({ ...requestTo(operation, { ids, user: member }), token: member.access_token });
    const refusals = (facts.refusals[operation.name] ?? []).map((code) => ERROR_CODES[code].status);
    // A redirect leads to what is served: the address of a file.
    const isServed = answer.statusCode < 400;
    expect(isServed || refusals.includes(answer.statusCode as 403), answer.body).toBe(true);
  });

  it('finds only its own in lists, and their pages end where its own do', async () => {
    const [user, neighbour] = [await api.user(), await api.user()];
    // Theirs lie before, between and after its own.
    let ids: Record<string, string> = {};
    for (const who of [neighbour, user, neighbour, neighbour, user, neighbour, user, neighbour]) {
      const made = await own(who);
      if (who === user) ids = made;
    }
    const lists = ofUsers.filter((one) => isPaged(one) && !isEverybodys(one));
    expect(lists.map(({ url }) => url)).toEqual(
      expect.arrayContaining(['/auth/sessions', '/kit-notes', '/kit-clubs', '/kit-clubs/:id/shelf']),
    );
    for (const list of lists) {
      const sizes: number[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { url } = requestTo(list, { ids });
        const answer = await api.request({
          url: `${url}?limit=2${cursor && `&cursor=${cursor}`}`,
          token: user.access_token,
        });
        const page: { items: unknown[]; next_cursor: string | null } = answer.json();
        expect(Object.keys(page), list.name).toEqual(['items', 'next_cursor']);
        expect(JSON.stringify(page)).not.toContain(neighbour.id);
        sizes.push(page.items.length);
        cursor = page.next_cursor;
      }
      // Three at most; of what stands in another thing, those in the last one.
      const isNested = collectionsOf(list).length > 0 || list.url === '/auth/sessions';
      const name = list.url.split('/').at(-1) ?? '';
      const isMade = name in ids && facts.things[name]?.make === undefined;
      if (isMade || list.url === '/auth/sessions')
        expect([list.url, sizes]).toEqual([list.url, isNested ? [1] : [2, 1]]);
    }
  });

  it('gains nothing by a cursor that names somebody else’s', async () => {
    const cursor = Buffer.from((ids['kit-notes'] ?? '').replaceAll('-', ''), 'hex').toString('base64url');
    const user = await api.user();
    const page = await api.request({ url: `/kit-notes?cursor=${cursor}`, token: user.access_token });
    expect([page.statusCode, page.json()]).toEqual([200, { items: [], next_cursor: null }]);
  });

  it('sets no field that is not its own to set', async () => {
    const user = await api.user();
    const ids = await own(user);
    const surplus = {
      id: UNKNOWN,
      owner_id: stranger.id,
      user_id: stranger.id,
      role: 'admin',
      is_active: true,
      is_admin: true,
      password_hash: '$2b$10$abcdefghijklmnopqrstuu',
      password_version: 7,
      created_at: '2020-01-01T00:00:00Z',
      email_verified: true,
    };
    const open = all.filter(({ name }) => name === 'POST /auth/register');
    for (const operation of [...ofUsers, ...open].filter(
      ({ is_json, is_form, schema }) => (is_json || is_form) && isClosed(schema.body),
    ))
      for (const [field, value] of Object.entries(surplus)) {
        if (propertiesOf(operation.schema.body).some(([name]) => name === field)) continue;
        const call = { ids, user, change: { [field]: value } };
        const answer = await refused({ ...requestTo(operation, call), token: user.access_token });
        expect([...problem(answer), answer.json().errors[0].loc], operation.name).toEqual([
          422,
          'validation_failed',
          ['body', field],
        ]);
      }
  });
});

describe('a user whose account is disabled', () => {
  it.each(byName(guarded))('%s is refused while the session still lives', async (_name, operation) => {
    await api.sql('update users set is_active = false where id = $1', [stranger.id]);
    try {
      const answer = await refused({ ...requestTo(operation, { ids, user: stranger }), token: stranger.access_token });
      expect(problem(answer)).toEqual([403, 'account_disabled']);
    } finally {
      await api.sql('update users set is_active = true where id = $1', [stranger.id]);
    }
  });
});

describe('an administrator', () => {
  it('loses every right at the next call after a demotion, and gets it back as quickly', async () => {
    const demoted = await api.admin();
    const list = { url: '/users', token: demoted.access_token };
    expect((await api.request(list)).statusCode).toBe(200);
    await api.sql(`update users set role = 'user' where id = $1`, [demoted.id]);
    for (const operation of ofAdmins) {
      const answer = await refused({ ...requestTo(operation, { ids }), token: demoted.access_token });
      expect(problem(answer), operation.name).toEqual([403, 'forbidden']);
    }
    expect((await api.request({ url: `/kit-notes/${ids['kit-notes']}`, token: demoted.access_token })).statusCode).toBe(
      404,
    );
    await api.sql(`update users set role = 'admin' where id = $1`, [demoted.id]);
    expect((await api.request(list)).statusCode).toBe(200);
  });

  it('finds a session only under the user whose it is', async () => {
    const other = await api.user();
    const url = `/users/${other.id}/sessions/${ids.sessions}`;
    const answer = await refused({ method: 'DELETE', url, token: admin.access_token });
    expect(problem(answer)).toEqual([404, 'session_not_found']);
  });

  const withIds = ofAdmins.filter(({ url }) => url.includes(':'));
  it.each(byName(withIds))('%s is 404 for an id that nothing has', async (_name, operation) => {
    const nothing = idsEverywhere(all, UNKNOWN);
    const answer = await refused({ ...requestTo(operation, { ids: nothing }), token: admin.access_token });
    expect([answer.statusCode, operation.errors]).toEqual([404, expect.arrayContaining([answer.json().code])]);
  });
});

describe('no answer', () => {
  it('holds a password, a hash or a secret, under whatever name', async () => {
    const user = await api.user();
    const ids = await own(user);
    const texts: string[] = [];
    // Those that end something come last, so that the others still have something to show.
    const order = [...all].sort((a, b) => Number(isLast(a)) - Number(isLast(b)));
    for (const operation of order) {
      const token = operation.auth === 'admin' ? admin.access_token : user.access_token;
      const answers = [
        await api.request({ ...requestTo(operation, { ids, user }), token }),
        await api.request({ ...requestTo(operation, { ids, user, change: { surplus: PASSWORD } }), token }),
      ];
      for (const { body, headers } of answers) {
        // Whether there is one is no secret.
        const known = body.replaceAll(/"has_password":(true|false)/g, '');
        // An authenticator app is told its secret, once.
        const isEnrolment = operation.name === 'POST /auth/me/factors';
        const named = isEnrolment ? known.replace(/"secret":"[A-Z2-7]{32}"/, '') : known;
        expect(named, operation.name).not.toMatch(/"[^"]*(password|hash|secret|totp)[^"]*":/i);
        expect(body, operation.name).not.toMatch(/\$2[aby]\$|argon2|[0-9a-f]{64}/);
        expect(headers).not.toHaveProperty('set-cookie');
        for (const secret of [PASSWORD, SECRET_KEY, String(new URL(api.url).password)])
          if (secret !== '') expect(`${body}${JSON.stringify(headers)}`, operation.name).not.toContain(secret);
        texts.push(body);
      }
    }
    expect(texts.join('')).toContain(user.email);
  });

  const isLast = ({ method, url }: Operation): boolean => method === 'DELETE' || /logout|password/.test(url);
});

/** True for the list of things that every user sees. */
function isEverybodys({ url }: Operation): boolean {
  return facts.things[url.split('/').at(-1) ?? '']?.seenBy === 'everybody';
}
