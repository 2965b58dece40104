import { type Column, sql } from 'drizzle-orm';
import type { TypedQueryBuilder } from 'drizzle-orm/query-builders/query-builder';
import type { Core, RequestInfo } from '../../core.ts';
import { alone } from '../../database.ts';
import { type AuditDetails, type AuditEventName, auditEvents } from '../../models/system/audit-events.ts';
import { newId, timeOfId } from '../../utils/ids.ts';

/** What happened. The actor and the client come from the context; name the actor only if the context cannot know it yet. */
export interface AuditEntry {
  event: AuditEventName;
  /** Whose account it concerns; null where no account does. */
  subject_id: string | null;
  actor_id?: string;
  session_id?: string;
  details?: AuditDetails;
}

/** What a record needs; an operation without a request makes it up. */
export type AuditContext = Pick<Core, 'db'> & RequestInfo;

/** Longest User-Agent that is kept. */
const USER_AGENT_MAX_LENGTH = 255;

/**
 * Records what happened. Call it in the transaction of the change, so that neither exists without the other:
 * `await record(ctx, { event: 'user.created', subject_id: user.id })`.
 */
export async function record(ctx: AuditContext, ...entries: AuditEntry[]): Promise<void> {
  if (entries.length > 0) await ctx.db.insert(auditEvents).values(entries.map((entry) => toRow(ctx, entry)));
}

/**
 * Makes a change and records it in one statement, so that both cross to the database once and neither exists without the
 * other. Nothing is recorded if the change meets no row. Returns the change's rows:
 * `const [user] = await recordChange(ctx, ctx.db.update(users).set({ name }).where(…).returning(), { event: 'user.updated', … })`.
 */
export async function recordChange<Row>(
  ctx: AuditContext,
  change: PromiseLike<Row[]>,
  { count_as, ...entry }: AuditEntry & { /** The detail that holds the number of changed rows. */ count_as?: string },
): Promise<Row[]> {
  const {
    id,
    created_at,
    event,
    actor_id,
    subject_id,
    session_id,
    ip,
    user_agent,
    request_id,
    details = {},
  } = toRow(ctx, entry);
  // Every query of drizzle is a promise of its rows that is sent when it is awaited; the type tells no more.
  const changed = ctx.db.$with('changed').as(change as unknown as TypedQueryBuilder<Record<string, Column>>);
  const counted =
    count_as === undefined ? sql`` : sql` || jsonb_build_object(${count_as}::text, (select count(*) from changed))`;
  const recorded = ctx.db.$with('recorded', {}).as(sql`
    insert into ${auditEvents} (id, created_at, event, actor_id, subject_id, session_id, ip, user_agent, request_id, details)
    select ${id}::uuid, ${created_at}::timestamptz, ${event}::text, ${actor_id}::uuid, ${subject_id}::uuid, ${session_id}::uuid,
      ${ip}::text, ${user_agent}::text, ${request_id}::text, ${JSON.stringify(details)}::jsonb${counted}
    where exists (select from changed)`);
  return alone(ctx, async () => (await ctx.db.with(changed, recorded).select().from(changed)) as Row[]);
}

function toRow(
  { actor, client, request_id }: AuditContext,
  { actor_id, session_id, ...entry }: AuditEntry,
): typeof auditEvents.$inferInsert {
  const id = newId();
  return {
    ...entry,
    id,
    created_at: timeOfId(id),
    actor_id: actor_id ?? actor?.user.id ?? null,
    session_id: session_id ?? actor?.session_id ?? null,
    ip: client.ip,
    user_agent: client.user_agent?.slice(0, USER_AGENT_MAX_LENGTH) ?? null,
    request_id,
  };
}
