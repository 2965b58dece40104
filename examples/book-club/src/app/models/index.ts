import type { ConstraintCode } from '../utils/error-codes.ts';
import { books, booksConstraints } from './books.ts';
import { clubs, clubsConstraints } from './clubs.ts';
import { kitConstraintCodes, kitModels } from './kit.ts';
import { loans, loansConstraints } from './loans.ts';
import { memberships, membershipsConstraints } from './memberships.ts';
import { readings, readingsConstraints } from './readings.ts';

/** Every table: what the migrations compare with the database. Yours go beside `items`. */
export const models = { ...kitModels, clubs, memberships, books, readings, loans };

/** What the violation of a named constraint means to a client; of a foreign key, in which direction. */
export const constraintCodes: Readonly<Record<string, ConstraintCode>> = {
  ...kitConstraintCodes,
  ...clubsConstraints,
  ...membershipsConstraints,
  ...booksConstraints,
  ...readingsConstraints,
  ...loansConstraints,
};

/** What a table's declaration cannot say (a trigger, a function, a covering index): the SQL that makes it and that takes it away. */
export const objects: Readonly<Record<string, { create: string; drop: string }>> = {};
