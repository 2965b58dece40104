import { and, desc, eq, gte, lt, lte, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import {
  type AuditDetails,
  type AuditEvent,
  type AuditEventName,
  auditEvents,
  publicAuditColumns,
} from '../../models/system/audit-events.ts';
import { AppError } from '../../utils/errors.ts';
import { newId, timeOfId } from '../../utils/ids.ts';
import { DEFAULT_LIMIT, idFromCursor, type Page, type PageRequest, toPage } from '../../utils/pages.ts';

/** What happened. Who and from where come from the context; say them only where the context cannot know them yet. */
export interface AuditEntry {
  event: AuditEventName;
  /** Whose account it concerns; null where no account does. */
  subject_id: string | null;
  actor_id?: string;
  session_id?: string;
  details?: AuditDetails;
}

export interface AuditFilter extends PageRequest {
  actor_id?: string;
  subject_id?: string;
  event?: string;
  /** The first moment that counts, and the first that counts no more. */
  since?: string;
  until?: string;
}

/** All that a record needs: an operation that no request asked for can make it up. */
export type AuditContext = Pick<RequestContext, 'db' | 'actor' | 'client' | 'request_id'>;

/** Longest User-Agent that is kept. */
const USER_AGENT_MAX_LENGTH = 255;

/** Writes down what happened: call it in the transaction of the change, so that neither exists without the other. */
export async function record(ctx: AuditContext, ...entries: AuditEntry[]): Promise<void> {
  if (entries.length > 0) await ctx.db.insert(auditEvents).values(entries.map((entry) => toRow(ctx, entry)));
}

/** Events, newest first, that match every filter given. */
export async function list(
  ctx: RequestContext,
  { actor_id, subject_id, event, since, until, cursor, limit = DEFAULT_LIMIT }: AuditFilter,
): Promise<Page<AuditEvent>> {
  const rows = await ctx.db
    .select(publicAuditColumns)
    .from(auditEvents)
    .where(
      and(
        actor_id === undefined ? undefined : eq(auditEvents.actor_id, actor_id),
        subject_id === undefined ? undefined : eq(auditEvents.subject_id, subject_id),
        event === undefined ? undefined : sql`${auditEvents.event} = ${event}`,
        since === undefined ? undefined : gte(auditEvents.created_at, moment('since', since)),
        until === undefined ? undefined : lt(auditEvents.created_at, moment('until', until)),
        cursor === undefined ? undefined : isBefore(idFromCursor(cursor)),
      ),
    )
    .orderBy(desc(auditEvents.created_at), desc(auditEvents.id))
    .limit(limit + 1);
  return toPage(rows, limit);
}

/** The row's time is the one inside its id: so the cursor, an id, says in which partition to go on. */
function isBefore(id: string) {
  const { created_at } = auditEvents;
  const time = timeOfId(id);
  return and(lte(created_at, time), sql`(${created_at}, ${auditEvents.id}) < (${time.toISOString()}, ${id})`);
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

/** A time that a client wrote; the format lets through what is no time, such as a leap second. */
function moment(field: 'since' | 'until', text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  const msg = 'is not a time';
  throw new AppError('validation_failed', { errors: [{ loc: ['query', field], msg, type: 'datetime_parsing' }] });
}
