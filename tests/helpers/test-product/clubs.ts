import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type SQL, sql } from 'drizzle-orm';
import { type Static, Type } from 'typebox';
import type { RequestContext } from '../../../src/app/context.ts';
import type { Actor } from '../../../src/app/core.ts';
import { closed, Id, IdParams, NullableString, PageOf, PageQuery } from '../../../src/app/schemas/common.ts';
import { AppError } from '../../../src/app/utils/errors.ts';
import { newId } from '../../../src/app/utils/ids.ts';
import { idFromCursor, type Page, type PageRequest } from '../../../src/app/utils/pages.ts';

/** The tables of the routes below. They are in no revision: a test makes them in its own database. */
export const CLUBS_SQL = `
  create table kit_clubs (id uuid primary key, name text not null);
  create table kit_members (
    club_id uuid references kit_clubs (id) on delete cascade, role text not null,
    user_id uuid references users (id) on delete cascade, primary key (club_id, user_id));
  create table kit_books (
    id uuid primary key, club_id uuid not null references kit_clubs (id) on delete cascade,
    title text not null, pages integer, cover bytea);`;

const Name = Type.String({ minLength: 1, maxLength: 100 });
const Club = Type.Object({ id: Id, name: Name }, { title: 'KitClub' });
const Book = Type.Object(
  { id: Id, club_id: Id, title: Name, pages: Type.Union([Type.Integer(), Type.Null()]) },
  { title: 'KitBook' },
);
const ClubCreate = Type.Object({ name: Name }, { ...closed, title: 'KitClubCreate', examples: [{ name: 'Readers' }] });
/** Every member may be left out, and so may all of them. */
const ClubUpdate = Type.Object(
  { name: Type.Optional(Name) },
  { ...closed, title: 'KitClubUpdate', examples: [{ name: 'Writers' }] },
);
/** The example's id is nobody's, and both fields are elsewhere a field that a caller may not set. */
const Member = Type.Object(
  { user_id: Id, role: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: ['reader', 'organiser'] })) },
  { ...closed, title: 'KitMember', examples: [{ user_id: '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d' }] },
);
const BookCreate = Type.Object(
  {
    title: Name,
    pages: Type.Optional(Type.Integer({ minimum: 1, maximum: 9999 })),
    shelf: Type.Optional(NullableString({ maxLength: 20 })),
  },
  { ...closed, title: 'KitBookCreate', examples: [{ title: 'Middlemarch', pages: 880 }] },
);
const BookQuery = Type.Object(
  { ...PageQuery.properties, q: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })) },
  closed,
);
const PICTURES = ['image/png', 'image/jpeg'];
const Picture = Type.Unsafe<Buffer>({ description: 'The bytes of the picture' });

const tags = ['Clubs'];
const errors = ['route_not_found'] as const;

/** A resource that its members share: organisers change it, and everybody else is told that there is none. */
export const clubRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'listKitClubs',
        tags,
        summary: 'List the own clubs',
        querystring: PageQuery,
        response: { 200: PageOf(Club) },
      },
    },
    async ({ ctx, actor, query }) =>
      pageOf<Static<typeof Club>>(
        ctx,
        query,
        sql`
        from (select id, name from kit_clubs join kit_members on club_id = id where user_id = ${actor.user.id}) as rows`,
      ),
  );
  app.post(
    '',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'createKitClub',
        tags,
        summary: 'Found a club',
        body: ClubCreate,
        response: { 201: Club },
      },
    },
    async ({ ctx, actor, body: { name } }, reply) => {
      const id = newId();
      await ctx.db.execute(sql`
        with club as (insert into kit_clubs values (${id}, ${name}) returning id)
        insert into kit_members select id, 'organiser', ${actor.user.id} from club`);
      return reply.code(201).send({ id, name });
    },
  );
  app.get(
    '/:id',
    {
      config: { auth: 'user', errors },
      schema: {
        operationId: 'getKitClub',
        tags,
        summary: 'Read a club',
        params: IdParams,
        response: { 200: Club },
      },
    },
    async ({ ctx, actor, params }) => requireMember(ctx, actor, params),
  );
  app.patch(
    '/:id',
    {
      config: { auth: 'user', errors: ['route_not_found', 'forbidden'] },
      schema: {
        operationId: 'updateKitClub',
        tags,
        summary: 'Rename a club',
        params: IdParams,
        body: ClubUpdate,
        response: { 200: Club },
      },
    },
    async ({ ctx, actor, params: { id }, body }) => {
      const club = await requireMember(ctx, actor, { id, role: 'organiser' });
      const { name = club.name } = body;
      await ctx.db.execute(sql`update kit_clubs set name = ${name} where id = ${id}`);
      return { id, name };
    },
  );
  app.post(
    '/:id/members',
    {
      config: { auth: 'user', limit: '50/1h', errors: ['route_not_found', 'user_not_found', 'forbidden'] },
      schema: {
        operationId: 'addKitMember',
        tags,
        summary: 'Add a member',
        params: IdParams,
        body: Member,
        response: { 204: Type.Null() },
      },
    },
    async ({ ctx, actor, params: { id }, body: { user_id, role = 'reader' } }, reply) => {
      await requireMember(ctx, actor, { id, role: 'organiser' });
      const { rows } = await ctx.db.execute<{ role: string }>(sql`
        insert into kit_members select ${id}, ${role}, id from users where id = ${user_id}
        on conflict (club_id, user_id) do update set club_id = excluded.club_id returning role`);
      if (rows.length === 0) throw new AppError('user_not_found');
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/:id/shelf',
    {
      config: { auth: 'user', errors },
      schema: {
        operationId: 'listKitBooks',
        tags,
        summary: 'List the books of a club',
        params: IdParams,
        querystring: BookQuery,
        response: { 200: PageOf(Book) },
      },
    },
    async ({ ctx, actor, params: { id }, query: { q, ...request } }) => {
      await requireMember(ctx, actor, { id });
      const found = q === undefined ? sql`true` : sql`position(${q} in title) > 0`;
      return pageOf<Static<typeof Book>>(
        ctx,
        request,
        sql`
        from (select id, club_id, title, pages from kit_books where club_id = ${id} and ${found}) as rows`,
      );
    },
  );
  app.post(
    '/:id/shelf',
    {
      config: { auth: 'user', errors },
      schema: {
        operationId: 'createKitBook',
        tags,
        summary: 'Add a book',
        params: IdParams,
        body: BookCreate,
        response: { 201: Book },
      },
    },
    async ({ ctx, actor, params: { id: club_id }, body: { title, pages = null } }, reply) => {
      await requireMember(ctx, actor, { id: club_id });
      const id = newId();
      await ctx.db.execute(sql`insert into kit_books values (${id}, ${club_id}, ${title}, ${pages})`);
      return reply.code(201).send({ id, club_id, title, pages });
    },
  );
};

/** Everybody reads a book; the members of its club change its picture, which comes in one of two media types. */
export const bookRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.addContentTypeParser(PICTURES, { parseAs: 'buffer' }, async (_request: unknown, body: Buffer | string) => body);
  app.get(
    '/:id',
    {
      config: { auth: 'user', errors },
      schema: {
        operationId: 'getKitBook',
        tags,
        summary: 'Read a book',
        params: IdParams,
        response: { 200: Book },
      },
    },
    async ({ ctx, params: { id } }) => {
      const { rows } = await ctx.db.execute<Static<typeof Book>>(
        sql`select id, club_id, title, pages from kit_books where id = ${id}`,
      );
      return rows[0] ?? notFound();
    },
  );
  app.put(
    '/:id/cover',
    {
      bodyLimit: 1024,
      config: { auth: 'user', errors },
      schema: {
        operationId: 'setKitCover',
        tags,
        summary: 'Set the cover of a book',
        params: IdParams,
        body: { content: Object.fromEntries(PICTURES.map((type) => [type, { schema: Picture }])) },
        response: { 204: Type.Null() },
      },
    },
    async ({ ctx, actor, params: { id }, body }, reply) => {
      if (!Buffer.isBuffer(body)) throw new AppError('unsupported_media_type');
      const { rows } = await ctx.db.execute<{ id: string }>(sql`
        update kit_books set cover = ${body} where id = ${id}
          and club_id in (select club_id from kit_members where user_id = ${actor.user.id})
          returning id`);
      if (rows.length === 0) notFound();
      return reply.code(204).send(null);
    },
  );
};

/** The club, for its members; throws for everybody else as if there were none, and `forbidden` for a member of another role. */
async function requireMember(
  ctx: RequestContext,
  actor: Actor,
  { id, role }: { id: string; role?: string },
): Promise<{ id: string; name: string }> {
  const { rows } = await ctx.db.execute<{ name: string; role: string }>(sql`
    select name, role from kit_clubs join kit_members on club_id = id
      where id = ${id} and user_id = ${actor.user.id}`);
  const { name, role: own } = rows[0] ?? notFound();
  if (role !== undefined && own !== role) throw new AppError('forbidden');
  return { id, name };
}

async function pageOf<Row extends { id: string }>(
  ctx: RequestContext,
  { limit = 20, cursor }: PageRequest,
  from: SQL,
): Promise<Page<Row>> {
  const after = cursor === undefined ? sql`true` : sql`id < ${idFromCursor(cursor)}`;
  const answer = await ctx.db.execute<{ id: string }>(
    sql`select * ${from} where ${after} order by id desc limit ${limit + 1}`,
  );
  // The columns are those that the caller selects.
  const rows = answer.rows as Row[];
  const items = rows.slice(0, limit);
  const last = items.at(-1)?.id.replaceAll('-', '') ?? '';
  return { items, next_cursor: rows.length > limit ? Buffer.from(last, 'hex').toString('base64url') : null };
}

function notFound(): never {
  throw new AppError('route_not_found');
}
