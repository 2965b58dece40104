import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { startApi, type TestApi, type TestUser } from '../../helpers/api.ts';
import { thingsOf } from '../../helpers/operations.ts';

const api = startApi();

/** A body that makes a book, and what is stored of it. */
const BODY = { title: 'a title', author: 'an author' };
const STORED = { title: 'a title', author: 'an author', copies: 0, topic: 'novel', published: null };
const CHANGE = { title: 'another title' };
/** Bodies that lack a value, or have a bad one. */
const BAD: object[] = [
  {},
  { ...BODY, title: '' },
  { ...BODY, title: 'x'.repeat(201) },
  { ...BODY, title: 1 },
  { ...BODY, author: '' },
  { ...BODY, author: 'x'.repeat(201) },
  { ...BODY, author: 1 },
  { ...BODY, copies: 'x' },
  { ...BODY, topic: 1 },
  { ...BODY, published: 1 },
  { ...BODY, owner_id: 'me' },
];

/** What a book stands in or refers to. */
const things = thingsOf('clubs');
/** The path of the user's books. */
const homeOf = async (user: TestUser, on: TestApi): Promise<string> => `/clubs/${(await things(user, on)).clubs}/books`;

const create = async (user: TestUser, payload: object = BODY, on: TestApi = api) =>
  on.request({ method: 'POST', url: await homeOf(user, on), token: user.access_token, payload });

const rows = (user: TestUser) => api.sql('select xmin, * from books where owner_id = $1', [user.id]);

describe('POST /books', () => {
  it('creates a book of the caller', async () => {
    const user = await api.user();
    const response = await create(user);
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual({
      ...STORED,
      club_id: (await things(user, api)).clubs,
      cover_id: null,
      id: expect.any(String),
      owner_id: user.id,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
  });

  it.each(BAD)('refuses %j and writes nothing', async (payload) => {
    const user = await api.user();
    expect((await create(user, payload)).json().code).toBe('validation_failed');
    expect(await rows(user)).toEqual([]);
  });

  it('answers session_ended to a caller whose account is deleted meanwhile, and writes nothing', async () => {
    const user = await api.user();
    await things(user, api);
    const operator = new pg.Client(api.url);
    await operator.connect();
    try {
      await operator.query('begin');
      await operator.query('delete from users where id = $1', [user.id]);
      const creating = create(user);
      // Its insert waits for the row of the owner, which goes at the commit.
      const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect.poll(() => api.sql(waiting)).toHaveLength(1);
      await operator.query('commit');
      expect((await creating).json()).toMatchObject({ status: 401, code: 'session_ended' });
    } finally {
      await operator.end();
    }
    expect(await rows(user)).toEqual([]);
  });
});

describe('the books of one account', () => {
  const few = startApi({ BOOKS_PER_ACCOUNT: '5' });

  it('are never more than BOOKS_PER_ACCOUNT, of twenty that are created at once too', async () => {
    const [user, other] = [await few.user(), await few.user()];
    const createAs = (owner: TestUser) => create(owner, BODY, few);
    const answers = await Promise.all(Array.from({ length: 20 }, () => createAs(user)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array(5).fill(201), ...Array(15).fill(409)]);
    for (const answer of answers.filter(({ statusCode }) => statusCode === 409))
      expect(answer.json().code).toBe('book_limit');
    expect(await few.sql('select 1 from books where owner_id = $1', [user.id])).toHaveLength(5);
    expect((await createAs(other)).statusCode).toBe(201);
  });

  it('count on when one is deleted, since its row is kept', async () => {
    const user = await few.user();
    const createAs = () => create(user, BODY, few);
    for (let made = 0; made < 5; made++) expect((await createAs()).statusCode).toBe(201);
    const [{ id }] = (await few.request({ url: await homeOf(user, few), token: user.access_token })).json().items;
    await few.request({ method: 'DELETE', url: `/books/${id}`, token: user.access_token });
    expect((await createAs()).statusCode).toBe(409);
  });
});

describe('GET /books', () => {
  const idsOn = async (url: string, user: TestUser) => {
    const page = (await api.request({ url, token: user.access_token })).json();
    return { ids: page.items.map(({ id }: { id: string }) => id), next_cursor: page.next_cursor };
  };

  it('pages through the caller’s own, newest first; an administrator sees everybody’s', async () => {
    const [user, other, admin] = [await api.user(), await api.user(), await api.admin()];
    const ids: string[] = [];
    for (const owner of [user, user, user, other]) ids.unshift((await create(owner)).json().id);
    const [foreign, ...own] = ids;
    const home = await homeOf(user, api);
    const first = await idsOn(`${home}?limit=2`, user);
    expect(first.ids).toEqual(own.slice(0, 2));
    expect(await idsOn(`${home}?limit=2&cursor=${first.next_cursor}`, user)).toEqual({
      ids: own.slice(2),
      next_cursor: null,
    });
    expect((await idsOn(await homeOf(other, api), admin)).ids).toContain(foreign);
  });
});

describe('/books/{id}', () => {
  it('reads, changes and deletes the caller’s book', async () => {
    const user = await api.user();
    const { id } = (await create(user)).json();
    const url = `/books/${id}`;
    const changed = await api.request({ method: 'PATCH', url, token: user.access_token, payload: CHANGE });
    expect(changed.json()).toMatchObject({ ...STORED, ...CHANGE, id });
    expect((await api.request({ url, token: user.access_token })).json()).toEqual(changed.json());
    expect((await api.request({ method: 'DELETE', url, token: user.access_token })).statusCode).toBe(204);
    expect((await api.request({ url, token: user.access_token })).json().code).toBe('book_not_found');
  });

  it('PATCH with what is stored writes nothing: not even the time of the change', async () => {
    const user = await api.user();
    const made = (await create(user)).json();
    const before = await rows(user);
    const url = `/books/${made.id}`;
    for (const payload of [BODY, STORED]) {
      const answer = await api.request({ method: 'PATCH', url, token: user.access_token, payload });
      expect([answer.statusCode, answer.json()]).toEqual([200, made]);
    }
    expect(await rows(user)).toEqual(before);
  });

  it.each(['GET', 'PATCH', 'DELETE'] as const)(
    '%s answers 404 for a book of somebody else, exactly as for one that does not exist, and changes nothing',
    async (method) => {
      const [owner, stranger] = [await api.user(), await api.user()];
      const { id } = (await create(owner)).json();
      const before = await rows(owner);
      const ask = (id: string) =>
        api.request({
          method,
          url: `/books/${id}`,
          token: stranger.access_token,
          ...(method === 'PATCH' && { payload: CHANGE }),
        });
      const [foreign, unknown] = [await ask(id), await ask(stranger.id)];
      expect(foreign.statusCode).toBe(404);
      expect({ ...foreign.json(), request_id: '' }).toEqual({ ...unknown.json(), request_id: '' });
      expect(await rows(owner)).toEqual(before);
    },
  );

  it('an administrator reads anybody’s', async () => {
    const [owner, admin] = [await api.user(), await api.admin()];
    const { id } = (await create(owner)).json();
    expect((await api.request({ url: `/books/${id}`, token: admin.access_token })).statusCode).toBe(200);
  });
});
