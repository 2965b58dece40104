import { type SQL, sql } from 'drizzle-orm';
import type { AppContext } from '../../context.ts';
import { type AuditEventName, auditEvents } from '../../models/system/audit-events.ts';

export const ACTIVITY_RANGES = ['day', 'month'] as const;
export type ActivityRange = (typeof ACTIVITY_RANGES)[number];

/** How often something happened in one hour or one day. */
export interface Bucket {
  /** Its beginning. */
  at: string;
  sign_ins: number;
  failures: number;
  registrations: number;
}

type Series = Exclude<keyof Bucket, 'at'>;

const SERIES: Readonly<Partial<Record<AuditEventName, Series>>> = {
  'session.started': 'sign_ins',
  'login.failed': 'failures',
  'mfa.failed': 'failures',
  'user.registered': 'registrations',
  'user.created': 'registrations',
  'invitation.accepted': 'registrations',
};
const HOUR_MS = 3_600_000;
const SHAPES: Readonly<Record<ActivityRange, { unit: SQL; length_ms: number; count: number }>> = {
  day: { unit: sql.raw(`'hour'`), length_ms: HOUR_MS, count: 24 },
  month: { unit: sql.raw(`'day'`), length_ms: 24 * HOUR_MS, count: 30 },
};

/** What is recorded of the last 24 hours by hours, or of the last 30 days by days of UTC; the present one is the last. */
export async function read({ db, clock }: Pick<AppContext, 'db' | 'clock'>, range: ActivityRange): Promise<Bucket[]> {
  const { unit, length_ms, count } = SHAPES[range];
  const last = Math.floor(clock.now().getTime() / length_ms) * length_ms;
  const buckets = Array.from({ length: count }, (_, index): Bucket => {
    const at = new Date(last - (count - 1 - index) * length_ms).toISOString();
    return { at, sign_ins: 0, failures: 0, registrations: 0 };
  });
  const { event, created_at } = auditEvents;
  const names = Object.keys(SERIES);
  const { rows } = await db.execute<{ event: AuditEventName; at: string; times: string }>(sql`
    select ${event} as event, extract(epoch from date_trunc(${unit}, ${created_at}, 'UTC'))::bigint::text as at, count(*)::text as times
    from ${auditEvents} where ${event} = any(${sql.param(names)}::text[]) and ${created_at} >= ${buckets[0]?.at ?? ''}::timestamptz
    group by 1, 2`);
  const byTime = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]));
  for (const row of rows) {
    const [bucket, series] = [byTime.get(Number(row.at) * 1000), SERIES[row.event]];
    if (bucket !== undefined && series !== undefined) bucket[series] += Number(row.times);
  }
  return buckets;
}
