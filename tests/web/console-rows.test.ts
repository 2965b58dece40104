import pg from 'pg';
import type { Static } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../src/app/context.ts';
import type { Actor } from '../../src/app/core.ts';
import { insertOwned } from '../../src/app/services/auth/quota.ts';
import { columnsOf } from '../../src/app/utils/columns.ts';
import { AppError } from '../../src/app/utils/errors.ts';
import { newId } from '../../src/app/utils/ids.ts';
import type { Resource } from '../../src/web/console/resources.ts';
import type { TestUser } from '../helpers/api.ts';
import { Note, NoteCreate, notes } from '../helpers/test-product/notes.ts';
import { startWithNotes } from '../helpers/test-product.ts';

const api = startWithNotes({ CONSOLE_ENABLED: 'true' });
const PATH = '/kit-notes';

const createFor = (owner_id: string, { access_token: token }: TestUser, payload: object = { title: 'Water' }) =>
  api.request({ method: 'POST', url: `/console/rows${PATH}`, token, payload: { owner_id, ...payload } });

const stored = () =>
  Promise.all([
    api.sql('select count(*)::int as notes from kit_notes'),
    api.sql(`select count(*)::int as events from audit_events where event = 'row.created'`),
  ]);

/** What a refusal must leave as it was. */
async function expectNothingNew(refused: () => Promise<{ json: () => { code: string } }>) {
  const before = await stored();
  const answer = (await refused()).json();
  expect(await stored()).toEqual(before);
  return answer;
}

describe('a row of another user', () => {
  it('is the owner’s, and recorded with the administrator as the actor', async () => {
    const [admin, owner] = [await api.admin(), await api.user()];
    const answer = await createFor(owner.id, admin);
    expect(answer.statusCode).toBe(201);
    const { id } = answer.json();
    const list = await api.request({ url: PATH, token: owner.access_token });
    expect(list.json().items).toMatchObject([{ id, title: 'Water', owner_id: owner.id }]);
    const events = await api.sql(
      `select actor_id, subject_id, details from audit_events where event = 'row.created' and subject_id = $1`,
      [owner.id],
    );
    expect(events).toEqual([{ actor_id: admin.id, subject_id: owner.id, details: { path: PATH, row_id: id } }]);
  });

  it('is created by administrators alone', async () => {
    const [user, owner] = [await api.user(), await api.user()];
    expect((await expectNothingNew(() => createFor(owner.id, user))).code).toBe('forbidden');
    expect((await expectNothingNew(() => createFor(user.id, user))).code).toBe('forbidden');
    const open = { method: 'POST', url: `/console/rows${PATH}`, payload: { owner_id: owner.id, title: 'x' } } as const;
    expect((await expectNothingNew(() => api.request(open))).code).toBe('not_authenticated');
  });

  it('is refused in a sentence at the owner, if that one is gone, closed or disabled', async () => {
    const [admin, closed, disabled] = [await api.admin(), await api.user(), await api.user()];
    await api.sql(`update users set removing = 'account' where id = $1`, [closed.id]);
    await api.sql('update users set is_active = false where id = $1', [disabled.id]);
    const refusalOf = async (id: string) => {
      const { status, errors } = (await expectNothingNew(() => createFor(id, admin))) as unknown as {
        status: number;
        errors: { loc: string[]; msg: string }[];
      };
      return [status, errors.map(({ loc, msg }) => [loc.join('.'), msg])];
    };
    const gone = [404, [['body.owner_id', 'There is no such user']]];
    expect([await refusalOf(newId()), await refusalOf(closed.id)]).toEqual([gone, gone]);
    expect(await refusalOf(disabled.id)).toEqual([
      409,
      [['body.owner_id', 'The account of the owner is disabled; enable it first']],
    ]);
  });

  it('is judged by the schema of the resource’s own route', async () => {
    const [admin, owner] = [await api.admin(), await api.user()];
    for (const payload of [{}, { title: '' }, { title: 'x', colour: 'red' }, { title: 1 }])
      expect((await expectNothingNew(() => createFor(owner.id, admin, payload))).code).toBe('validation_failed');
    expect((await expectNothingNew(() => createFor('me', admin))).code).toBe('validation_failed');
  });

  it('is not created for an account that is deleted meanwhile', async () => {
    const [admin, owner] = [await api.admin(), await api.user()];
    const operator = new pg.Client(api.url);
    await operator.connect();
    try {
      const answer = await expectNothingNew(async () => {
        await operator.query('begin');
        await operator.query('delete from users where id = $1', [owner.id]);
        const creating = createFor(owner.id, admin);
        const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        await expect.poll(() => api.sql(waiting)).toHaveLength(1);
        await operator.query('commit');
        return creating;
      });
      expect(answer.code).toBe('user_not_found');
    } finally {
      await operator.end();
    }
  });

  it('leaves the API’s own route as it is: it knows no owner', async () => {
    const [admin, owner] = [await api.admin(), await api.user()];
    const payload = { title: 'Water', owner_id: owner.id };
    const answer = await expectNothingNew(() =>
      api.request({ method: 'POST', url: PATH, token: admin.access_token, payload }),
    );
    expect(answer.code).toBe('validation_failed');
    const document = JSON.stringify((await api.request({ url: '/openapi.json' })).json());
    expect(document).not.toMatch(/console\/rows|creates/);
  });
});

const few = startWithNotes(
  { CONSOLE_ENABLED: 'true', CONSOLE_NETWORKS: '127.0.0.1' },
  {
    routes: async (app) => {
      const writes = async (ctx: RequestContext, { user }: Actor, input: Static<typeof NoteCreate>) => {
        const row = { ...input, id: newId(), owner_id: user.id };
        const made = await insertOwned<{ id: string }>(ctx, notes, { row, columns: columnsOf(notes, Note), most: 2 });
        if (made === undefined) throw new AppError('file_limit');
        return made;
      };
      const config = { auth: 'user', writes } as const;
      const schema = { operationId: 'createFew', body: NoteCreate, response: { 201: Note } };
      app.post('/few', { config, schema }, async () => ({}));
      const rare = { config: { ...config, limit: '1/1h' }, schema: { ...schema, operationId: 'createRare' } } as const;
      app.post('/rare', rare, async () => ({}));
    },
  },
);

describe('the quota of the owner', () => {
  it('holds for rows that administrators create, of eight at once too', async () => {
    const [admin, owner] = [await few.admin(), await few.user()];
    const payload = { owner_id: owner.id, title: 'Water' };
    const create = () => few.request({ method: 'POST', url: '/console/rows/few', token: admin.access_token, payload });
    const answers = await Promise.all(Array.from({ length: 8 }, create));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 201, ...Array(6).fill(409)]);
    expect(await few.sql('select owner_id from kit_notes')).toEqual(Array(2).fill({ owner_id: owner.id }));
    expect(await few.sql(`select 1 from audit_events where event = 'row.created'`)).toHaveLength(2);
  });
});

it('a row is written from CONSOLE_NETWORKS alone', async () => {
  const { id, access_token: token } = await few.admin();
  const request = { method: 'POST', url: '/console/rows/few', token, payload: { title: 'Water' } } as const;
  const outside = await few.request({ ...request, remoteAddress: '192.0.2.1' });
  expect([outside.statusCode, outside.json().code]).toEqual([404, 'route_not_found']);
  expect(await few.sql('select 1 from kit_notes where owner_id = $1', [id])).toEqual([]);
  expect((await few.request(request)).statusCode).toBe(201);
});

it('the limit of a route holds for its rows in the console', async () => {
  const admin = await few.admin();
  const create = () =>
    few.request({
      ...{ method: 'POST', url: '/console/rows/rare', token: admin.access_token },
      payload: { title: 'Water' },
    });
  expect([(await create()).statusCode, (await create()).statusCode]).toEqual([201, 429]);
  expect(await few.sql('select 1 from kit_notes where owner_id = $1', [admin.id])).toHaveLength(1);
});

describe('a change of a row in the console', () => {
  const changeOf = ({ access_token: token }: TestUser, id: string, method: 'PATCH' | 'DELETE', payload?: object) =>
    api.request({ method, url: `/console/rows${PATH}/${id}`, token, ...(payload && { payload }) });
  const eventsOf = (id: string) =>
    api.sql(
      `select event, actor_id, subject_id, details from audit_events where details->>'row_id' = $1 order by created_at, id`,
      [id],
    );
  const noteOf = async (owner: TestUser): Promise<string> => {
    const payload = { title: 'Water' };
    return (await api.request({ method: 'POST', url: PATH, token: owner.access_token, payload })).json().id;
  };

  it('is recorded with the administrator as the actor: of an own row, of another user’s, and its end', async () => {
    const [admin, owner] = [await api.admin(), await api.user()];
    const own = await api.request({
      ...{ method: 'POST', url: `/console/rows${PATH}`, token: admin.access_token },
      payload: { title: 'Mine' },
    });
    expect([own.statusCode, own.json().owner_id]).toEqual([201, admin.id]);
    const created = { event: 'row.created', details: { path: PATH, row_id: own.json().id } };
    expect(await eventsOf(own.json().id)).toEqual([{ ...created, actor_id: admin.id, subject_id: admin.id }]);

    const id = await noteOf(owner);
    const changed = await changeOf(admin, id, 'PATCH', { title: 'Fire' });
    expect([changed.statusCode, changed.json()]).toMatchObject([200, { id, title: 'Fire', owner_id: owner.id }]);
    expect((await changeOf(admin, id, 'DELETE')).statusCode).toBe(204);
    const details = { path: PATH, row_id: id };
    expect(await eventsOf(id)).toEqual([
      {
        ...{ event: 'row.updated', actor_id: admin.id, subject_id: owner.id },
        details: { ...details, fields: ['title'] },
      },
      { event: 'row.deleted', actor_id: admin.id, subject_id: null, details },
    ]);
    expect(await api.sql('select 1 from kit_notes where id = $1', [id])).toEqual([]);
  });

  it('is refused to users, for rows that are not there and for bodies that the route refuses: nothing changes', async () => {
    const [admin, owner] = [await api.admin(), await api.user()];
    const id = await noteOf(owner);
    const before = await api.sql('select * from kit_notes order by id');
    const codes = [];
    for (const [who, which, method, payload] of [
      [owner, id, 'PATCH', { title: 'Fire' }],
      [owner, id, 'DELETE', undefined],
      [admin, newId(), 'PATCH', { title: 'Fire' }],
      [admin, newId(), 'DELETE', undefined],
      [admin, id, 'PATCH', { title: '' }],
      [admin, id, 'PATCH', { owner_id: admin.id }],
    ] as const)
      codes.push((await changeOf(who, which, method, payload)).json().code);
    const refused = ['forbidden', 'forbidden', 'route_not_found', 'route_not_found'];
    expect(codes).toEqual([...refused, 'validation_failed', 'validation_failed']);
    expect(await api.sql('select * from kit_notes order by id')).toEqual(before);
    expect(await eventsOf(id)).toEqual([]);
  });
});

describe('the tables of the product', () => {
  it('are all recorded, and offer an owner if their rows have one', async () => {
    const { access_token: token } = await api.admin();
    const { items } = (await api.request({ url: '/console/resources.json', token })).json<{ items: Resource[] }>();
    for (const { path, row, create, update, can_delete, recorded } of items) {
      const methods = [create && 'POST', update && 'PATCH', can_delete && 'DELETE'].filter(Boolean);
      const can_own = create !== null && 'owner_id' in row.properties;
      expect([path, recorded]).toEqual([path, { methods, can_own }]);
      if (create === null) continue;
      const answer = await api.request({ method: 'POST', url: `/console/rows${path}`, token, payload: {} });
      const missing = answer.json<{ errors: { loc: string[] }[] }>().errors.map(({ loc }) => loc[1]);
      expect([path, missing.sort()]).toEqual([path, [...create.required].sort()]);
    }
  });
});
