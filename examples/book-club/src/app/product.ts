import { integer, type Setting, serviceUrl, setting } from './config/settings.ts';
import { counter, type Declaration } from './observability/declarations.ts';
import type { FilePurposes } from './utils/file-purposes.ts';

/**
 * The product: everything in this file is yours, and no other file of the kit names the product. The stored names (labels of
 * derived keys, the issuer of tokens, the URN of problems, the schema) do not follow it, so that a new name ends no session.
 */
export const product = {
  /** The name that people read: in the documents and on the terminal. */
  name: 'Book Club',
  /** The name that programs read: the realm of a challenge, the service of a trace, the User-Agent of outgoing requests. */
  slug: 'book-club',
  /** The first sentence of the API's description. */
  description: 'Clubs that read books together, and lend them to their members.',
  /** The tags of your routes and what they mean, in the order of the documents; those of the kit follow. */
  tags: {
    Clubs: 'Who reads together',
    Memberships: 'Who belongs to a club',
    Books: 'What a club has, with covers',
    Readings: 'What a club reads, and when it meets',
    Loans: 'What members borrow',
  },
};

/** Your error codes beside the kit's. A service throws one by `new AppError('item_not_found')`; a code never changes. */
export const productErrorCodes = {
  club_not_found: { status: 404, title: 'Club not found', message: 'There is no such club' },
  club_limit: { status: 409, title: 'Club limit', message: 'The account has as many clubs as it may have' },
  membership_not_found: { status: 404, title: 'Membership not found', message: 'There is no such membership' },
  book_not_found: { status: 404, title: 'Book not found', message: 'There is no such book' },
  book_limit: { status: 409, title: 'Book limit', message: 'The account has as many books as it may have' },
  reading_not_found: { status: 404, title: 'Reading not found', message: 'There is no such reading' },
  reading_limit: { status: 409, title: 'Reading limit', message: 'The account has as many readings as it may have' },
  cover_taken: { status: 409, title: 'Cover taken', message: 'Another book has this cover' },
  cover_not_found: { status: 404, title: 'Cover not found', message: 'The book has no cover' },
  no_copy_left: { status: 409, title: 'No copy left', message: 'Every copy of the book is lent' },
  loan_not_found: { status: 404, title: 'Loan not found', message: 'There is no such loan' },
  loan_limit: { status: 409, title: 'Loan limit', message: 'The account has as many loans as it may have' },
} as const;

/** Your variables beside the kit's: `BORROW_DAYS: setting({ section: 'Product', …, parse: integer(1, 60) })` is `config.borrow_days`. */
export const productSettings = {
  CLUBS_PER_ACCOUNT: setting({
    section: 'Product',
    default: '10000',
    unit: 'clubs',
    purpose: 'The most clubs that one account may have',
    parse: integer(1, 1_000_000),
  }),
  BOOKS_PER_ACCOUNT: setting({
    section: 'Product',
    default: '10000',
    unit: 'books',
    purpose: 'The most books that one account may have',
    parse: integer(1, 1_000_000),
  }),
  READINGS_PER_ACCOUNT: setting({
    section: 'Product',
    default: '10000',
    unit: 'readings',
    purpose: 'The most readings that one account may have',
    parse: integer(1, 1_000_000),
  }),
  LOANS_PER_ACCOUNT: setting({
    section: 'Product',
    default: '10000',
    unit: 'loans',
    purpose: 'The most loans that one account may have',
    parse: integer(1, 1_000_000),
  }),
  LOAN_DAYS: setting({
    section: 'Product',
    default: '21',
    unit: 'days',
    purpose: 'How long a book is lent',
    parse: integer(1, 365),
  }),
  OVERDUE_WEBHOOK_URL: setting({
    section: 'Product',
    default: '',
    purpose: 'Where late loans are told, as JSON; empty: nowhere',
    parse: serviceUrl,
  }),
} as const satisfies Record<string, Setting<unknown>>;

/** Your limits beside the kit's: `loans: { limit: '20/1h', purpose: 'Loans of one user' }` is counted by `countOwn(ctx, actor, 'loans')`, and set by LIMIT_LOANS. */
export const productLimits = { loans: { limit: '60/1h', purpose: 'Loans of one user' } } as const satisfies Record<
  string,
  { limit: string; purpose: string }
>;

/**
 * What users may upload: `cover: { types: ['image/png', 'image/jpeg'], max_bytes: 5_000_000, per_account: 100 }`. If there is
 * nothing, the routes of `/files` do not exist.
 */
export const productFiles = {
  cover: { types: ['image/png', 'image/jpeg', 'image/webp'], max_bytes: 5_000_000, per_account: 1000 },
} as const satisfies FilePurposes;

/** Your events in the log beside the kit's, and what each means: `'loan.overdue': 'A loan was not returned in time'`. */
export const productLogEvents: Readonly<Record<string, string>> = { 'loan.overdue': 'A loan is late' };

/** Your metrics beside the kit's: `loans_total: counter('Loans', 'outcome', ['granted', 'refused'])` is `ctx.metrics.loans_total`. */
export const productMetrics = {
  loans_total: counter('Loans', 'outcome', ['lent', 'returned']),
} as const satisfies Record<string, Declaration>;
