import { and, desc, eq, gte, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { type AuditEvent, auditEvents, publicAuditColumns } from '../../models/system/audit-events.ts';
import { AppError } from '../../utils/errors.ts';
import { timeOfId } from '../../utils/ids.ts';
import { idFromCursor, newestFirst, type Ordering, type Page, type PageRequest, paginate } from '../../utils/pages.ts';

export interface AuditFilter extends PageRequest {
  actor_id?: string;
  subject_id?: string;
  event?: string;
  /** The beginning of the range, included, and its end, excluded. */
  since?: string;
  until?: string;
}

/** Events, newest first, that match every filter given. */
export async function list(
  ctx: RequestContext,
  { actor_id, subject_id, event, since, until, ...request }: AuditFilter,
): Promise<Page<AuditEvent>> {
  const where = and(
    actor_id === undefined ? undefined : eq(auditEvents.actor_id, actor_id),
    subject_id === undefined ? undefined : eq(auditEvents.subject_id, subject_id),
    event === undefined ? undefined : sql`${auditEvents.event} = ${event}`,
    since === undefined ? undefined : gte(auditEvents.created_at, moment('since', since)),
    until === undefined ? undefined : lt(auditEvents.created_at, moment('until', until)),
  );
  return paginate(ctx.db.select(publicAuditColumns).from(auditEvents), request, { where, order: NEWEST_FIRST });
}

/** By time and id, as the partitions' keys are. The row's time is the one in its id, so a cursor names the partition too. */
const NEWEST_FIRST: Ordering<{ id: string }> = {
  ...newestFirst(auditEvents.id),
  orderBy: [desc(auditEvents.created_at), desc(auditEvents.id)],
  follows: (cursor) => isBefore(idFromCursor(cursor)),
};

function isBefore(id: string): SQL | undefined {
  const { created_at } = auditEvents;
  const time = timeOfId(id);
  return and(lte(created_at, time), sql`(${created_at}, ${auditEvents.id}) < (${time.toISOString()}, ${id})`);
}

/** A time in a request. The format admits values that are no time, such as a leap second. */
function moment(field: 'since' | 'until', text: string): Date {
  const time = new Date(text);
  // PostgreSQL has no year 0.
  if (time.getUTCFullYear() > 0) return time;
  throw new AppError('validation_failed', { field, rule: { msg: 'is not a time', type: 'datetime_parsing' } });
}
