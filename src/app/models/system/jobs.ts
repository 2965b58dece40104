import { type SQL, sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import type { EmailAddress } from '../../utils/emails.ts';

export const JOB_STATES = ['pending', 'done', 'dead'] as const;
export type JobState = (typeof JOB_STATES)[number];

const instant = () => timestamp({ withTimezone: true });

/** Work that is done later, once for each row or more often. The payload holds no secret: dumps and administrators see it. */
export const jobs = pgTable(
  'jobs',
  {
    id: uuid().primaryKey(),
    kind: text().notNull(),
    payload: jsonb().$type<unknown>().notNull(),
    /** The same key of a kind is the same job for as long as its row is kept. */
    dedupe_key: text(),
    /** The first moment of the next attempt. */
    run_at: instant().notNull().defaultNow(),
    /** The attempts that were begun. It also names the present one: a process that lost its lease settles nothing. */
    attempts: integer().notNull().default(0),
    max_attempts: integer().notNull(),
    /** Until then the job is the process's that began the attempt. */
    locked_until: instant(),
    last_error: text(),
    state: text({ enum: JOB_STATES }).notNull().default('pending'),
    created_at: instant().notNull().defaultNow(),
    finished_at: instant(),
  },
  (table) => [
    unique('jobs_dedupe_key').on(table.kind, table.dedupe_key),
    // The few rows that wait, of many that are done.
    index('jobs_pending_idx').on(table.run_at).where(sql`${table.state} = 'pending'`),
    index('jobs_dead_idx').on(table.id).where(sql`${table.state} = 'dead'`),
    // Administrators look for mails by these.
    index('jobs_mails_idx').on(table.id).where(sql`${table.kind} = 'mail.send'`),
    index('jobs_mails_to_idx').on(sql`(${table.payload} ->> 'to')`, table.id).where(sql`${table.kind} = 'mail.send'`),
    index('jobs_mails_kind_idx')
      .on(sql`(${table.payload} ->> 'kind')`, table.id)
      .where(sql`${table.kind} = 'mail.send'`),
    index('jobs_done_idx').on(table.finished_at).where(sql`${table.state} = 'done'`),
    check('jobs_state_check', sql`${table.state} in ('pending', 'done', 'dead')`),
  ],
);

/** A job as its table has it. */
export type JobRow = typeof jobs.$inferSelect;

/** The condition of a mail's job. A literal: the indexes of the mails serve no parameter. */
export const isMail: SQL = sql`${jobs.kind} = 'mail.send'`;

/** The mailbox of a mail, and its kind, as the indexes have them. */
export const mailTo = sql<EmailAddress>`(${jobs.payload} ->> 'to')`;
export const mailKind = sql<string>`(${jobs.payload} ->> 'kind')`;
