import { closed, Id, Moment, Timestamp } from './common.ts';
import { type Static, Type } from './type.ts';

const ClubId = Id;
const BookId = Id;
const MeetsAt = Moment;
const Note = Type.String({ maxLength: 1000, examples: ['The first ten chapters'] });

export type Reading = Static<typeof Reading>;
export const Reading = Type.Object(
  {
    id: Id,
    club_id: ClubId,
    book_id: BookId,
    meets_at: MeetsAt,
    note: Note,
    owner_id: Id,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'Reading' },
);

/** Where the readings stand. */
export const ReadingParent = Type.Object({ club_id: Id }, closed);

export type ReadingCreate = Static<typeof ReadingCreate>;
export const ReadingCreate = Type.Object(
  {
    book_id: BookId,
    meets_at: MeetsAt,
    note: Type.Optional(Note),
  },
  {
    ...closed,
    title: 'ReadingCreate',
    examples: [
      {
        book_id: '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d',
        meets_at: '2026-11-23T07:07:55.426Z',
        note: 'The first ten chapters',
      },
    ],
  },
);

export type ReadingUpdate = Static<typeof ReadingUpdate>;
export const ReadingUpdate = Type.Partial(Type.Omit(ReadingCreate, ['book_id']), {
  ...closed,
  title: 'ReadingUpdate',
  minProperties: 1,
  examples: [{ meets_at: '2026-11-24T07:07:55.426Z' }],
});
