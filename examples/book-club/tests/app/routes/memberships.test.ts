import { beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestUser } from '../../helpers/api.ts';

const api = startApi();
let [founder, reader, stranger]: TestUser[] = [];
let club_id: string;

const as = (user: TestUser | undefined, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  api.request({ method, url, ...(user && { token: user.access_token }), ...(payload && { payload }) });
const members = () => api.sql('select user_id, role from memberships where club_id = $1 order by id', [club_id]);
const membershipOf = async (user: TestUser | undefined): Promise<string> => {
  const rows = await api.sql<{ id: string }>('select id from memberships where user_id = $1', [user?.id]);
  return rows[0]?.id ?? '';
};

beforeAll(async () => {
  [founder, reader, stranger] = [await api.user(), await api.user(), await api.user()];
  club_id = (await as(founder, 'POST', '/clubs', { name: 'Readers' })).json().id;
  const added = await as(founder, 'POST', `/clubs/${club_id}/memberships`, { user_id: reader.id });
  expect([added.statusCode, added.json().role]).toEqual([201, 'reader']);
});

describe('a club', () => {
  it('is seen by its members, and is none to a stranger', async () => {
    for (const user of [founder, reader]) {
      expect((await as(user, 'GET', '/clubs')).json().items).toMatchObject([{ id: club_id }]);
      expect((await as(user, 'GET', `/clubs/${club_id}/memberships`)).json().items).toHaveLength(2);
    }
    expect((await as(stranger, 'GET', '/clubs')).json().items).toEqual([]);
    expect((await as(stranger, 'GET', `/clubs/${club_id}/memberships`)).json().code).toBe('club_not_found');
    const theirs = `/memberships/${await membershipOf(reader)}`;
    expect((await as(reader, 'GET', theirs)).statusCode).toBe(200);
    expect((await as(stranger, 'GET', theirs)).json().code).toBe('membership_not_found');
  });

  it('takes a member once, who keeps the role', async () => {
    const before = await members();
    const again = { user_id: founder?.id, role: 'reader' };
    expect((await as(founder, 'POST', `/clubs/${club_id}/memberships`, again)).json().role).toBe('organiser');
    expect(await members()).toEqual(before);
  });

  it('takes no user that there is not', async () => {
    const before = await members();
    const answer = await as(founder, 'POST', `/clubs/${club_id}/memberships`, { user_id: club_id });
    expect(answer.json().code).toBe('user_not_found');
    expect(await members()).toEqual(before);
  });

  it('is changed by organisers alone', async () => {
    const before = await members();
    const own = await membershipOf(reader);
    for (const answer of [
      await as(reader, 'PATCH', `/clubs/${club_id}`, { name: 'Mine' }),
      await as(reader, 'DELETE', `/clubs/${club_id}`),
      await as(reader, 'POST', `/clubs/${club_id}/memberships`, { user_id: stranger?.id }),
      await as(reader, 'PATCH', `/memberships/${own}`, { role: 'organiser' }),
      await as(reader, 'DELETE', `/memberships/${await membershipOf(founder)}`),
      await as(reader, 'POST', `/clubs/${club_id}/books`, { title: 'Emma', author: 'Jane Austen' }),
    ])
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'forbidden']);
    expect(await members()).toEqual(before);
  });

  it('makes a reader an organiser, and lets both leave', async () => {
    const own = await membershipOf(reader);
    expect((await as(founder, 'PATCH', `/memberships/${own}`, { role: 'organiser' })).json().role).toBe('organiser');
    expect((await as(reader, 'DELETE', `/memberships/${await membershipOf(founder)}`)).statusCode).toBe(204);
    expect((await as(founder, 'GET', `/clubs/${club_id}`)).json().code).toBe('club_not_found');
    expect((await as(reader, 'DELETE', `/memberships/${own}`)).statusCode).toBe(204);
    expect(await members()).toEqual([]);
  });
});
