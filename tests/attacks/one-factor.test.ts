import { beforeAll, describe, expect, it } from 'vitest';
import { claimsOf, type TestUser } from '../helpers/api.ts';
import {
  idsEverywhere,
  idsOf,
  isHidden,
  isPaged,
  type Operation,
  operations,
  requestTo,
} from '../helpers/operations.ts';
import { stateOf } from '../helpers/state.ts';
import { facts, startWithTestProduct, TEST_PRODUCT } from '../helpers/test-product.ts';

const UNKNOWN = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';

const api = startWithTestProduct({ MFA_REQUIRED_FOR: 'admins', RATE_LIMITS: 'false' });
const all = await operations(TEST_PRODUCT);
const nothing = idsEverywhere(all, UNKNOWN);
const byName = (chosen: Operation[]) => chosen.map((operation) => [operation.name, operation] as const);

/** An administrator whose session was opened by a password, before the promotion. */
let admin: TestUser;
let owner: TestUser;
let ids: Record<string, string>;

beforeAll(async () => {
  [admin, owner] = [await api.admin(), await api.user()];
  await api.sql('update users set email_verified_at = now() where id = $1', [admin.id]);
  ids = await idsOf(owner, { known: all, api });
});

/** The answer to the administrator, which must leave everything as it was. */
async function refused(operation: Operation, ids: Record<string, string>, token = admin.access_token) {
  const before = await stateOf(api);
  const answer = await api.request({ ...requestTo(operation, { ids }), token });
  expect(await stateOf(api)).toEqual(before);
  const { 'x-request-id': id, date: _date, ...headers } = answer.headers;
  return { status: answer.statusCode, body: answer.body.replace(String(id), ''), headers };
}

const read = async (url: string, token: string) => {
  const answer = await api.request({ url, token });
  return [answer.statusCode, answer.body] as const;
};

/** The role that GET /auth/me says, and the claims of the next access token. */
async function rolesOf({ access_token: token, refresh_token }: TestUser): Promise<unknown[]> {
  const me = await api.request({ url: '/auth/me', token });
  const pair = await api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
  const { role, acr } = claimsOf(pair.json().access_token);
  return [me.json().role, role, acr];
}

describe('an administrator by one factor under MFA_REQUIRED_FOR', () => {
  it.each(byName(all.filter(({ auth }) => auth === 'admin')))(
    '%s wants the second factor',
    async (_name, operation) => {
      const answer = await refused(operation, ids);
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, 'reauthentication_required']);
    },
  );

  it('finds nothing of others in lists and exports, by a token of before the promotion or after it', async () => {
    const { refresh_token } = await api.admin();
    const renewed = await api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
    const lists = all.filter((one) => one.auth === 'user' && isPaged(one)).map((one) => requestTo(one, { ids }).url);
    expect(lists).toEqual(expect.arrayContaining(['/kit-notes', '/files']));
    for (const token of [admin.access_token, renewed.json<TestUser>().access_token])
      for (const url of [...lists, '/kit-notes/export?format=csv'])
        expect((await read(String(url), token))[1], String(url)).not.toContain(owner.id);
  });

  const hidden = all.filter((one) => one.auth === 'user' && isHidden(one) && !facts.doors.includes(one.name));
  it.each(byName(hidden))('%s knows nothing of what is another’s, to the byte', async (_name, operation) => {
    const foreign = await refused(operation, ids);
    expect(foreign.status).toBe(404);
    expect(foreign).toEqual(await refused(operation, nothing));
  });

  it('is told the role of the account, and gets tokens of a user', async () => {
    const user = await api.admin();
    expect(await rolesOf(user)).toEqual(['admin', 'user', '1']);
    const same = { name: null };
    const token = user.access_token;
    const updated = await api.request({ method: 'PATCH', url: '/auth/me', token, payload: same });
    expect(updated.json()).toMatchObject({ id: user.id, role: 'admin' });
  });

  it('has the reach of the role from the second factor on, without a new token', async () => {
    const user = await api.admin();
    const note = `/kit-notes/${ids['kit-notes']}`;
    expect((await read(note, user.access_token))[0]).toBe(404);
    await api.sql(`update sessions set amr = 'pwd otp' where user_id = $1`, [user.id]);
    expect((await read(note, user.access_token))[0]).toBe(200);
    expect((await read('/users', user.access_token))[0]).toBe(200);
    expect(await rolesOf(user)).toEqual(['admin', 'admin', '2']);
  });
});
