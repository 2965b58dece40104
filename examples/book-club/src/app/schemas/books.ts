import { BOOK_TOPICS } from '../models/books.ts';
import { sortsOf } from '../utils/orderings.ts';
import { closed, DateOnly, enumOf, Id, nullable, PageQuery, Timestamp } from './common.ts';
import { type Static, Type } from './type.ts';

const ClubId = Id;
const Title = Type.String({ minLength: 1, maxLength: 200, examples: ['Middlemarch'] });
const Author = Type.String({ minLength: 1, maxLength: 200, examples: ['George Eliot'] });
const Copies = Type.Integer({ minimum: 0, maximum: 1000, examples: [3] });
const Topic = enumOf(BOOK_TOPICS);
const Published = nullable(DateOnly);

export type Book = Static<typeof Book>;
export const Book = Type.Object(
  {
    id: Id,
    club_id: ClubId,
    title: Title,
    author: Author,
    copies: Copies,
    topic: Topic,
    published: Published,
    cover_id: nullable(Id),
    owner_id: Id,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'Book' },
);

export type BookQuery = Static<typeof BookQuery>;
export const BookQuery = Type.Object(
  {
    ...PageQuery.properties,
    search: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'Beginnings of words of the title' }),
    ),
    topic: Type.Optional(Topic),
    sort: Type.Optional(enumOf(sortsOf('title'))),
  },
  closed,
);

/** Where the books stand. */
export const BookParent = Type.Object({ club_id: Id }, closed);

export type BookCreate = Static<typeof BookCreate>;
export const BookCreate = Type.Object(
  {
    title: Title,
    author: Author,
    copies: Type.Optional(Copies),
    topic: Type.Optional(Topic),
    published: Type.Optional(Published),
  },
  {
    ...closed,
    title: 'BookCreate',
    examples: [{ title: 'Middlemarch', author: 'George Eliot', copies: 3, topic: 'novel', published: '1872-12-01' }],
  },
);

export type BookUpdate = Static<typeof BookUpdate>;
export const BookUpdate = Type.Partial(BookCreate, {
  ...closed,
  title: 'BookUpdate',
  minProperties: 1,
  examples: [{ copies: 2 }],
});
