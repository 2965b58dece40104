import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import { pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { type Static, Type } from 'typebox';
import type { RequestContext } from '../../../src/app/context.ts';
import type { Actor } from '../../../src/app/core.ts';
import { atOnce, inOrder } from '../../../src/app/database.ts';
import { sendRows } from '../../../src/app/plugins/row-files.ts';
import { closed, Id, IdParams, NullableString, PageOf, PageQuery, Timestamp } from '../../../src/app/schemas/common.ts';
import { Exported, ExportQuery } from '../../../src/app/schemas/exports.ts';
import { isOther } from '../../../src/app/utils/changes.ts';
import { AppError } from '../../../src/app/utils/errors.ts';
import { batchesOf } from '../../../src/app/utils/exports.ts';
import { newId } from '../../../src/app/utils/ids.ts';
import { newestFirst, paginate } from '../../../src/app/utils/pages.ts';

/** The table of the routes below. It is in no revision: a test makes it in its own database. */
export const NOTES_SQL = `
  create table if not exists kit_notes (
    id uuid primary key, title text not null, description text,
    owner_id uuid not null constraint kit_notes_owner_fkey references users (id) on delete cascade,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now());
  create index if not exists kit_notes_owner_id_idx on kit_notes (owner_id, id);`;

export const notes = pgTable('kit_notes', {
  id: uuid().primaryKey().$defaultFn(newId),
  title: text().notNull(),
  description: text(),
  owner_id: uuid().notNull(),
  created_at: timestamp({ withTimezone: true, mode: 'string' }).notNull().defaultNow(),
  updated_at: timestamp({ withTimezone: true, mode: 'string' })
    .notNull()
    .defaultNow()
    .$onUpdateFn(() => sql`now()`),
});

// Qualified as the application's own tables are, so that no search_path leads elsewhere.
Object.defineProperty(notes, Symbol.for('drizzle:Schema'), { value: 'public' });

const Title = Type.String({ minLength: 1, maxLength: 200 });
const Description = NullableString({ maxLength: 10_000 });
export const Note = Type.Object(
  { id: Id, title: Title, description: Description, owner_id: Id, created_at: Timestamp, updated_at: Timestamp },
  { title: 'KitNote' },
);
export const NoteCreate = Type.Object(
  { title: Title, description: Type.Optional(Description) },
  { ...closed, title: 'KitNoteCreate', examples: [{ title: 'Water the plants', description: 'Both pots' }] },
);
const NoteUpdate = Type.Object(
  { title: Type.Optional(Title), description: Type.Optional(Description) },
  { ...closed, title: 'KitNoteUpdate', minProperties: 1, examples: [{ title: 'Water the plants twice' }] },
);

/** What the kit's tests create, read, change and delete, whatever a product has: `/kit-notes` of a user. */
export const noteRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const config = { auth: 'user', errors: ['route_not_found'] } as const;
  const tags = ['Notes'];

  app.get(
    '',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'listKitNotes',
        tags,
        summary: 'List notes',
        querystring: PageQuery,
        response: { 200: PageOf(Note) },
      },
    },
    async ({ ctx, actor, query }) =>
      paginate(ctx.db.select().from(notes), query, { where: isVisibleTo(actor), order: newestFirst(notes.id) }),
  );

  app.post(
    '',
    {
      // An owner who is deleted meanwhile: the table names no code for it.
      config: { auth: 'user', errors: ['conflict'], writes: create },
      schema: {
        operationId: 'createKitNote',
        tags,
        summary: 'Create a note',
        body: NoteCreate,
        response: { 201: Note },
      },
    },
    async ({ ctx, actor, body }, reply) => reply.code(201).send(await create(ctx, actor, body)),
  );

  app.get(
    '/export',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'exportKitNotes',
        tags,
        summary: 'Export notes',
        querystring: ExportQuery,
        response: { 200: Exported },
      },
    },
    async ({ ctx, actor, query }, reply) =>
      sendRows(reply, {
        ...query,
        name: 'notes',
        columns: Note,
        batches: batchesOf((page) =>
          paginate(ctx.db.select().from(notes), page, { where: isVisibleTo(actor), order: newestFirst(notes.id) }),
        ),
      }),
  );

  const schema = { tags, params: IdParams };
  app.get(
    '/:id',
    { config, schema: { ...schema, operationId: 'getKitNote', summary: 'Read a note', response: { 200: Note } } },
    async ({ ctx, actor, params: { id } }) => {
      const [note] = await ctx.db.select().from(notes).where(is(id, actor));
      return found(note);
    },
  );

  app.patch(
    '/:id',
    {
      config: { ...config, writes: update },
      schema: {
        ...schema,
        operationId: 'updateKitNote',
        summary: 'Change a note',
        body: NoteUpdate,
        response: { 200: Note },
      },
    },
    async ({ ctx, actor, params, body }) => update(ctx, actor, { ...params, ...body }),
  );

  app.delete(
    '/:id',
    {
      config: { ...config, writes: remove },
      schema: { ...schema, operationId: 'deleteKitNote', summary: 'Delete a note', response: { 204: Type.Null() } },
    },
    async ({ ctx, actor, params }, reply) => {
      await remove(ctx, actor, params.id);
      return reply.code(204).send(null);
    },
  );
};

async function create({ db }: RequestContext, { user }: Actor, input: Static<typeof NoteCreate>) {
  const [note] = await db
    .insert(notes)
    .values({ ...input, owner_id: user.id })
    .returning();
  return found(note);
}

async function update(ctx: RequestContext, actor: Actor, { id, ...given }: Static<typeof NoteUpdate> & { id: string }) {
  const isMeant = is(id, actor);
  const [[changed], [stored]] = await atOnce(ctx, (ctx) =>
    inOrder([
      ctx.db
        .update(notes)
        .set(given)
        .where(and(isMeant, isOther<typeof notes.$inferSelect>(notes, given)))
        .returning(),
      ctx.db.select().from(notes).where(isMeant),
    ]),
  );
  return found(changed ?? stored);
}

async function remove({ db }: RequestContext, actor: Actor, id: string): Promise<void> {
  const [note] = await db.delete(notes).where(is(id, actor)).returning();
  found(note);
}

function is(id: string, actor: Actor): SQL | undefined {
  return and(eq(notes.id, id), isVisibleTo(actor));
}

function isVisibleTo({ user }: Actor): SQL | undefined {
  return user.role === 'admin' ? undefined : eq(notes.owner_id, user.id);
}

function found<T>(row: T | undefined): T {
  if (row === undefined) throw new AppError('route_not_found');
  return row;
}
