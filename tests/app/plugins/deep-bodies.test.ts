import { jsonb, pgTable, uuid } from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import { closed, Id, Json, PageOf, PageQuery } from '../../../src/app/schemas/common.ts';
import { Type } from '../../../src/app/schemas/type.ts';
import { newId } from '../../../src/app/utils/ids.ts';
import { newestFirst, paginate } from '../../../src/app/utils/pages.ts';
import { startApi } from '../../helpers/api.ts';

const shelves = pgTable('shelves', { id: uuid().primaryKey().$defaultFn(newId), meta: jsonb().notNull() });
const Shelf = Type.Object({ id: Id, meta: Json }, { title: 'Shelf' });

/** A table with a free object, as `npx back generate resource shelves meta:json!` makes one. */
const api = startApi(
  {},
  {
    routes: async (app) => {
      app.get(
        '/shelves',
        { config: { auth: 'user' }, schema: { querystring: PageQuery, response: { 200: PageOf(Shelf) } } },
        async ({ ctx, query }) =>
          paginate(ctx.db.select().from(shelves), query as object, { order: newestFirst(shelves.id) }),
      );
      const body = Type.Object({ meta: Json }, closed);
      app.post(
        '/shelves',
        { config: { auth: 'user' }, schema: { body, response: { 201: Shelf } } },
        async ({ ctx, body }, reply) => {
          const [row] = await ctx.db
            .insert(shelves)
            .values(body as { meta: object })
            .returning();
          return reply.code(201).send(row);
        },
      );
    },
  },
);

/** The text of a body with so many arrays and objects in one another, the body among them. */
const nested = (depth: number): string => `{"meta":{"a":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}}`;

describe('a body with a free object', () => {
  const send = async (payload: string) => {
    const { access_token: token } = await api.user();
    const headers = { 'content-type': 'application/json' };
    return { token, answer: await api.request({ method: 'POST', url: '/shelves', token, headers, payload }) };
  };
  const create = async (): Promise<void> => {
    await api.sql('create table if not exists shelves (id uuid primary key, meta jsonb not null)');
    await api.sql('delete from shelves');
  };

  it.each([
    ['a hundred levels', nested(100)],
    [
      'brackets in its texts',
      `{"meta":{"a":${JSON.stringify(`\\"${'[{'.repeat(500)}\\\\`)},"b":"\\\\","c":["${'{'.repeat(500)}"]}}`,
    ],
    ['many that stand beside each other', `{"meta":{"a":[${Array(500).fill('[{}]').join()}]}}`],
  ])('is stored and listed: %s', async (_what, payload) => {
    await create();
    const { token, answer } = await send(payload);
    expect([answer.statusCode, answer.json().meta]).toEqual([201, JSON.parse(payload).meta]);
    const list = await api.request({ url: '/shelves', token });
    expect(list.json().items).toEqual([answer.json()]);
  });

  it.each([101, 5000, 100_000])('is refused with %d levels, and nothing is stored', async (depth) => {
    await create();
    const { answer } = await send(nested(depth));
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'validation_failed']);
    expect(answer.json().errors).toEqual([
      { loc: ['body'], msg: 'has more than 100 levels of arrays and objects', type: 'value_error' },
    ]);
    expect(await api.sql('select 1 from shelves')).toEqual([]);
  });
});
