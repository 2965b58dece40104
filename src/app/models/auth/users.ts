import { type Column, type SQL, sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text, timestamp, unique } from 'drizzle-orm/pg-core';
import { isOneOf, primaryId, timestamps } from '../../utils/columns.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import type { Locale } from '../../utils/locales.ts';

export const ROLES = ['user', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Rows that a task removes in the background: the ended sessions of a user, or all that a closed account owned. */
const REMOVALS = ['sessions', 'account'] as const;

/** What parseEmail makes of every address, as PostgreSQL's regular expression. */
const CANONICAL_EMAIL =
  "^[a-z0-9!#$%&''*+/=?^_`{|}~.-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$";

/** What stood in `password_hash` before it could be null; processes of that release still write it. No password verifies against it. */
export const NO_PASSWORD = '!';

/** What an address has beside letters and digits. */
const SIGNS = "!#$%&''*+/=?^_`{|}~.-@";
const BLANKS = ' '.repeat(SIGNS.replace("''", "'").length);

export const users = pgTable(
  'users',
  {
    id: primaryId(),
    email: text().$type<EmailAddress>().notNull(),
    name: text(),
    /** Null for an account without a password. */
    password_hash: text(),
    /** The number of password changes; a proof of an older password is void. A rehash does not count. */
    password_version: integer().notNull().default(0),
    /** When the mailbox was first proved to be its owner's; null: never. */
    email_verified_at: timestamp({ withTimezone: true }),
    /** The language of its mails; null: not chosen. */
    locale: text().$type<Locale>(),
    role: text({ enum: ROLES }).notNull().default('user'),
    is_active: boolean().notNull().default(true),
    /** True if a session starts only after a second factor. */
    has_factor: boolean().notNull().default(false),
    /** The number of times that all sessions ended at once; sessions of an earlier number have ended. */
    session_epoch: integer().notNull().default(0),
    /** What waits for its removal. A closed account is none any more for every caller. */
    removing: text({ enum: REMOVALS }),
    ...timestamps(),
  },
  (table) => [
    unique('users_email_key').on(table.email),
    // Prefix search (`like 'ann%'`) needs byte order whatever the database's collation is.
    index('users_email_prefix_idx').on(table.email.op('text_pattern_ops')),
    // Administrators look for accounts by the beginnings of words.
    index('users_words_idx').using('gin', sql`to_tsvector('simple', ${wordsOf(table)})`),
    // Few rows of many: the administrators' list and the count that protects the last one.
    index('users_admins_idx').on(table.id).where(sql`${table.role} = 'admin'`),
    // Few rows of many as well: without the index their list reads all users from the newest on.
    index('users_disabled_idx').on(table.id).where(sql`not ${table.is_active}`),
    // The task's list, empty most of the time.
    index('users_removing_idx').on(table.id).where(sql`${table.removing} is not null`),
    // parseEmail's form: a row in another spelling could never log in, and would stand beside the right one.
    check(
      'users_email_check',
      sql`${table.email} collate "C" ~ ${sql.raw(`'${CANONICAL_EMAIL}'`)} and length(${table.email}) <= 254`,
    ),
    check('users_role_check', isOneOf(table.role, ROLES)),
  ],
);

/** What each constraint's violation means to a client. The second one is a trigger's: a former address waits for its way back. */
export const usersConstraints = { users_email_key: 'email_taken', users_email_held: 'email_taken' } as const;

/** The words of an account's address and name, as their index has them. */
export const userWords: SQL = wordsOf(users);

const hasPassword = sql<boolean>`coalesce(${users.password_hash} <> ${sql.raw(`'${NO_PASSWORD}'`)}, false)`;

/** The columns that may leave the service layer: neither the password's nor those of the sessions' ends. */
export const publicUserColumns = {
  id: users.id,
  email: users.email,
  name: users.name,
  email_verified: sql<boolean>`${users.email_verified_at} is not null`.as('email_verified'),
  has_password: hasPassword.as('has_password'),
  locale: users.locale,
  role: users.role,
  is_active: users.is_active,
  created_at: users.created_at,
  updated_at: users.updated_at,
};

/** A user as services return it. */
export type User = Pick<
  typeof users.$inferSelect,
  Extract<keyof typeof publicUserColumns, keyof typeof users.$inferSelect>
> & {
  email_verified: boolean;
  has_password: boolean;
};

/** The condition of an account that is not closed. */
export const isOpen: SQL = sql`${users.removing} is distinct from 'account'`;

/**
 * The condition of a row whose owner's account is not closed: what a closed one owned is gone for administrators too.
 * @public
 */
export function isOfOpenAccount(owner_id: Column): SQL {
  return sql`${owner_id} <> all(array(select ${users.id} from ${users} where ${users.removing} = 'account'))`;
}

/** Without the signs PostgreSQL would take an address for one word. */
function wordsOf({ email, name }: Record<'email' | 'name', Column>): SQL {
  return sql`translate(${email} || ' ' || coalesce(${name}, ''), ${sql.raw(`'${SIGNS}', '${BLANKS}'`)})`;
}
