import type { ProductTests } from './helpers/product-tests.ts';

/** What a reader sees and may not do. */
const OF_ORGANISERS = [
  'PATCH /clubs/:id',
  'DELETE /clubs/:id',
  'POST /clubs/:club_id/memberships',
  'PATCH /memberships/:id',
  'DELETE /memberships/:id',
  'POST /clubs/:club_id/books',
  'PATCH /books/:id',
  'DELETE /books/:id',
  'PUT /books/:id/cover',
  'DELETE /books/:id/cover',
  'POST /clubs/:club_id/readings',
  'PATCH /readings/:id',
  'DELETE /readings/:id',
  'GET /clubs/:club_id/lent-books',
  'GET /clubs/:club_id/loans/export',
];
const COVER_SQL = `insert into files (id, owner_id, name, type, size, purpose, state)
  values (gen_random_uuid(), $1, 'cover.png', 'image/png', 5, 'cover', 'ready') returning id`;

/**
 * Yours: what the kit's tests cannot read from your routes. They try every route of yours as they try the kit's: who may call
 * it, with which bodies, queries and paths, and whether it answers as its document says. A resource like `items`, whose
 * things only their owner sees and which `POST /items` makes from its example, needs no line here.
 */
export const productTests: ProductTests = {
  settings: {},
  open: [],
  things: {
    clubs: {
      seenBy: 'members',
      admit: async ({ user, member, ids }, { request }) => {
        const url = `/clubs/${ids.clubs}/memberships`;
        await request({ method: 'POST', url, token: user.access_token, payload: { user_id: member.id } });
      },
    },
    // The founder's own.
    memberships: {
      seenBy: 'members',
      make: async ({ ids }, { sql }) => {
        const [row] = await sql<{ id: string }>('select id from memberships where club_id = $1', [ids.clubs]);
        return row?.id ?? '';
      },
    },
    // With a cover, which a route reads.
    books: {
      seenBy: 'members',
      make: async ({ user: { id: user_id, access_token: token }, ids }, { request, sql }) => {
        const payload = { title: 'Middlemarch', author: 'George Eliot', copies: 9 };
        const made = await request({ method: 'POST', url: `/clubs/${ids.clubs}/books`, token, payload });
        const { id } = JSON.parse(made.body);
        const [file] = await sql<{ id: string }>(COVER_SQL, [user_id]);
        await request({ method: 'PUT', url: `/books/${id}/cover`, token, payload: { cover_id: file?.id } });
        return id;
      },
    },
    readings: { seenBy: 'members' },
  },
  bodies: {
    'POST /clubs/:club_id/memberships': ({ user }) => ({ user_id: user.id }),
    'POST /clubs/:club_id/readings': ({ ids }) => ({ book_id: ids.books }),
    'PUT /books/:id/cover': ({ ids }) => ({ cover_id: ids.files }),
  },
  refusals: Object.fromEntries(OF_ORGANISERS.map((operation) => [operation, ['forbidden']])),
  doors: [],
  rewritten: [],
  crossings: {},
};
