import { and, desc, gte, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { type AuditEvent, auditEvents, publicAuditColumns } from '../../models/system/audit-events.ts';
import { AppError } from '../../utils/errors.ts';
import { matches } from '../../utils/filters.ts';
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

const FILTERS = {
  actor_id: auditEvents.actor_id,
  subject_id: auditEvents.subject_id,
  event: (event: string) => sql`${auditEvents.event} = ${event}`,
  since: (text: string) => gte(auditEvents.created_at, moment('since', text)),
  until: (text: string) => lt(auditEvents.created_at, moment('until', text)),
};

/** Events, newest first, that match every filter given. */
export async function list(ctx: RequestContext, request: AuditFilter): Promise<Page<AuditEvent>> {
  const where = matches(FILTERS, request);
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
