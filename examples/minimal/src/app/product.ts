import type { Setting } from './config/settings.ts';
import type { Declaration } from './observability/declarations.ts';
import type { FilePurposes } from './utils/file-purposes.ts';

/**
 * The product: everything in this file is yours, and no other file of the kit names the product. The stored names (labels of
 * derived keys, the issuer of tokens, the URN of problems, the schema) do not follow it, so that a new name ends no session.
 */
export const product = {
  /** The name that people read: in the documents and on the terminal. */
  name: 'Back API',
  /** The name that programs read: the realm of a challenge, the service of a trace, the User-Agent of outgoing requests. */
  slug: 'back-api',
  /** The first sentence of the API's description. */
  description: 'Accounts, sessions and an example resource on PostgreSQL.',
  /** The tags of your routes and what they mean, in the order of the documents; those of the kit follow. */
  tags: {},
};

/** Your error codes beside the kit's. A service throws one by `new AppError('item_not_found')`; a code never changes. */
export const productErrorCodes = {} as const;

/** Your variables beside the kit's: `BORROW_DAYS: setting({ section: 'Product', …, parse: integer(1, 60) })` is `config.borrow_days`. */
export const productSettings = {} as const satisfies Record<string, Setting<unknown>>;

/** Your limits beside the kit's: `loans: { limit: '20/1h', purpose: 'Loans of one user' }` is counted by `countOwn(ctx, actor, 'loans')`, and set by LIMIT_LOANS. */
export const productLimits = {} as const satisfies Record<string, { limit: string; purpose: string }>;

/**
 * What users may upload: `cover: { types: ['image/png', 'image/jpeg'], max_bytes: 5_000_000, per_account: 100 }`. If there is
 * nothing, the routes of `/files` do not exist.
 */
export const productFiles = {} as const satisfies FilePurposes;

/** Your events in the log beside the kit's, and what each means: `'loan.overdue': 'A loan was not returned in time'`. */
export const productLogEvents: Readonly<Record<string, string>> = {};

/** Your metrics beside the kit's: `loans_total: counter('Loans', 'outcome', ['granted', 'refused'])` is `ctx.metrics.loans_total`. */
export const productMetrics = {} as const satisfies Record<string, Declaration>;
