import { and, desc, eq, gte, lt, lte, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { type AuditEvent, auditEvents, publicAuditColumns } from '../../models/system/audit-events.ts';
import { AppError } from '../../utils/errors.ts';
import { timeOfId } from '../../utils/ids.ts';
import { DEFAULT_LIMIT, idFromCursor, type Page, type PageRequest, toPage } from '../../utils/pages.ts';

export interface AuditFilter extends PageRequest {
  actor_id?: string;
  subject_id?: string;
  event?: string;
  /** The first moment that counts, and the first that counts no more. */
  since?: string;
  until?: string;
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

/** A time that a client wrote. The format admits values that are no time, such as a leap second. */
function moment(field: 'since' | 'until', text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  const msg = 'is not a time';
  throw new AppError('validation_failed', { errors: [{ loc: ['query', field], msg, type: 'datetime_parsing' }] });
}
