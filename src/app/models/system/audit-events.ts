import { getColumns } from 'drizzle-orm';
import { bigint, bytea, index, jsonb, pgTable, primaryKey, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core';

/** Everything that is recorded. A name never changes: years of rows carry it. */
export const AUDIT_EVENTS = [
  'user.registered',
  'user.created',
  'user.updated',
  'user.role_changed',
  'user.enabled',
  'user.disabled',
  'user.deleted',
  'user.emptied',
  'users.imported',
  'users.exported',
  'user.locked',
  'user.unlocked',
  'password.changed',
  'password.reset_requested',
  'password.reset',
  'email.verification_requested',
  'email.verified',
  'email.change_requested',
  'email.changed',
  'email.change_undone',
  'user.secured',
  'user.invited',
  'invitation.accepted',
  'login_code.requested',
  'mfa.challenged',
  'mfa.failed',
  'factor.enrolled',
  'factor.added',
  'factor.removed',
  'identity.linked',
  'identity.unlinked',
  'passkey.added',
  'passkey.removed',
  'passkey.counter_regressed',
  'recovery_codes.created',
  'recovery_code.used',
  'login.failed',
  'session.reauthenticated',
  'reauthentication.failed',
  'session.started',
  'session.ended',
  'session.refresh_token_reused',
  'sessions.ended',
  'access.forbidden',
  'row.created',
  'row.updated',
  'row.deleted',
  'limit.lifted',
  'job.retried',
  'mail.tested',
  'audit.pruned',
] as const;
export type AuditEventName = (typeof AUDIT_EVENTS)[number];

/** Further facts of an event; never a secret, and never an address that a client typed. */
export type AuditDetails = Record<string, string | number | boolean | null | readonly string[]>;

/**
 * What happened, to whom, by whom, from where. No foreign key: a row outlives its user. Partitioned by month on
 * `created_at`, which is the time inside `id`. The link columns are the database's own: a trigger fills them at commit.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: uuid().notNull(),
    created_at: timestamp({ withTimezone: true }).notNull(),
    event: text().$type<AuditEventName>().notNull(),
    /** The acting user; null for the operator's commands and for a caller who is not logged in. */
    actor_id: uuid(),
    /** The account that the event concerns; null if there is none. */
    subject_id: uuid(),
    /** The session that acted, or that began. */
    session_id: uuid(),
    ip: text(),
    user_agent: text(),
    request_id: text(),
    details: jsonb().$type<AuditDetails>().notNull().default({}),
    chain: smallint(),
    seq: bigint({ mode: 'number' }),
    hash: bytea(),
  },
  (table) => [
    primaryKey({ name: 'audit_events_pkey', columns: [table.created_at, table.id] }),
    index('audit_events_event_idx').on(table.event, table.created_at, table.id),
    index('audit_events_actor_id_idx').on(table.actor_id, table.created_at, table.id),
    index('audit_events_subject_id_idx').on(table.subject_id, table.created_at, table.id),
  ],
);

const { chain: _chain, seq: _seq, hash: _hash, ...publicColumns } = getColumns(auditEvents);

/** The columns that tell what happened, without the links. */
export const publicAuditColumns = publicColumns;

/** A recorded event as services return it. */
export type AuditEvent = Omit<typeof auditEvents.$inferSelect, 'chain' | 'seq' | 'hash'>;
