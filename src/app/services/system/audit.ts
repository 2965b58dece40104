import type { Core, RequestInfo } from '../../core.ts';
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
