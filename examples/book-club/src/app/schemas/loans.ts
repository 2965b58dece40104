import { closed, Id, Moment, nullable, PageQuery, Timestamp } from './common.ts';
import { type Static, Type } from './type.ts';

const DueAt = Moment;
const ReturnedAt = nullable(Moment);

export type Loan = Static<typeof Loan>;
export const Loan = Type.Object(
  {
    id: Id,
    book_id: Id,
    due_at: DueAt,
    returned_at: ReturnedAt,
    owner_id: Id,
    created_at: Timestamp,
  },
  { title: 'Loan' },
);

export type LoanQuery = Static<typeof LoanQuery>;
export const LoanQuery = Type.Object(
  {
    ...PageQuery.properties,
    is_open: Type.Optional(Type.Boolean({ description: 'Only what is lent still, or only what came back' })),
  },
  closed,
);

/** The book that is lent. */
export const LoanParent = Type.Object({ book_id: Id }, closed);

/** The club whose books are lent. */
export const LendingClub = Type.Object({ club_id: Id }, closed);

export type LentBook = Static<typeof LentBook>;
export const LentBook = Type.Object(
  {
    id: Id,
    title: Type.String({ maxLength: 200 }),
    copies: Type.Integer(),
    loans: Type.Array(Type.Object({ id: Id, owner_id: Id, due_at: DueAt })),
  },
  { title: 'LentBook' },
);
