import { type SQL, sql } from 'drizzle-orm';
import type { Core } from '../../core.ts';
import { auditChains, auditCuts } from '../../models/system/audit-chains.ts';
import { auditEvents } from '../../models/system/audit-events.ts';

/** The last link of a chain, as it was at some time. Kept outside of the database it proves that nothing before it was rewritten. */
export interface Anchor {
  chain: number;
  seq: number;
  /** Lower-case hexadecimal. */
  hash: string;
  /** When the chain ended so, as an ISO 8601 time; without it the anchor says nothing about the times of events. */
  time?: string;
}

/** One place where the rows are not as they were written. */
export interface AuditProblem {
  /**
   * `altered`: the row is not the one that was linked · `missing`: rows before this one are gone · `repeated`: a link is there twice ·
   * `unlinked`: written past the trigger · `end_missing`: the chain does not end where it ended · `rewritten`: it disagrees with an anchor ·
   * `unwitnessed`: a cut removed it, and no anchor proves the cut · `cut_early`: a cut removed it before its time ·
   * `misdated`: its time and its number contradict an anchor.
   */
  kind:
    | 'altered'
    | 'missing'
    | 'repeated'
    | 'unlinked'
    | 'end_missing'
    | 'rewritten'
    | 'unwitnessed'
    | 'cut_early'
    | 'misdated';
  chain: number | null;
  seq: number | null;
  id: string | null;
}

export interface Verification {
  /** How many rows were looked at. */
  rows: number;
  /** The first thousand; empty where everything is as it was written. */
  problems: AuditProblem[];
}

/** How many of the rows were recomputed. */
export interface VerificationProgress {
  done: number;
  rows: number;
}

export interface VerifyOptions {
  /** Called before the first row, and after some thousands each. */
  onProgress?: (progress: VerificationProgress) => void;
  /** Ends of chains that were kept outside of the database. */
  anchors?: readonly Anchor[];
  /** AUDIT_RETENTION_DAYS; a younger event cannot have expired. 0: none can. */
  retention_days?: number;
}

const MAX_PROBLEMS = 1000;
/** A tick of the cursor, and the ticks of one crossing to the database. */
const ROWS_PER_TICK = 1000;
const TICKS = 5;
/** An event is dated when it is recorded and numbered when it is committed, and replicas have clocks of their own. */
const TOLERANCE = '10 minutes';

/**
 * Recomputes every link from the rows themselves, with nothing of the database's own functions but its SHA-256, and
 * compares the chains' ends and the anchors. Reads the whole table in one snapshot: give it a connection of its own.
 */
export async function verify(
  { db }: Pick<Core, 'db'>,
  { anchors = [], retention_days, onProgress = () => {} }: VerifyOptions = {},
): Promise<Verification> {
  return db.transaction(
    async (tx) => {
      const counted = await tx.execute<{ rows: string }>(sql`select count(*) as rows from ${auditEvents}`);
      const rows = Number(counted.rows[0]?.rows);
      onProgress({ done: 0, rows });
      const broken = await readBrokenLinks(tx, (done) => onProgress({ done, rows }));
      const found = await tx.execute<AuditProblemRow>(sql`
        with ${linked()}, ${ends()}, anchors as (select * from ${anchorRows(anchors)}), ${witnesses()}
        ${unlinkedRows()} union all ${brokenEnds()} union all ${brokenAnchors()}
        union all ${earlyCuts(retention_days)} union all ${misdatedRows()}
        order by chain nulls first, seq limit ${MAX_PROBLEMS}`);
      return { rows, problems: [...broken, ...found.rows].map(toProblem).sort(byPlace).slice(0, MAX_PROBLEMS) };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** The present end of every chain. */
export async function currentAnchors({ db }: Pick<Core, 'db'>): Promise<Anchor[]> {
  const rows = await db.select().from(auditChains).orderBy(auditChains.chain);
  return rows.map(({ chain, seq, hash }) => ({ chain, seq, hash: hash.toString('hex') }));
}

type AuditProblemRow = Record<string, unknown> & Omit<AuditProblem, 'seq'> & { seq: string | null };

function toProblem({ kind, chain, seq, id }: AuditProblemRow): AuditProblem {
  return { kind, chain, id, seq: seq === null ? null : Number(seq) };
}

/** Rows of no chain first. */
function byPlace(a: AuditProblem, b: AuditProblem): number {
  return (a.chain ?? -1) - (b.chain ?? -1) || (a.seq ?? Infinity) - (b.seq ?? Infinity);
}

/** Recomputes row after row behind a cursor, which gives the broken ones and each thousandth. */
async function readBrokenLinks(tx: Core['db'], onDone: (rows: number) => void): Promise<AuditProblemRow[]> {
  const step = sql.raw(String(ROWS_PER_TICK));
  await tx.execute(sql`
    declare verification no scroll cursor for with ${links()}
    select number, problem as kind, chain, seq, id from (select *, row_number() over () as number from links) numbered
    where problem is not null or number % ${step} = 0`);
  const broken: AuditProblemRow[] = [];
  for (;;) {
    const { rows } = await tx.execute<AuditProblemRow & { number: string }>(
      sql`fetch ${sql.raw(String(TICKS))} from verification`,
    );
    const last = rows.at(-1);
    if (last === undefined || broken.length >= MAX_PROBLEMS) return broken;
    // A tick is no problem.
    broken.push(...rows.filter(({ kind }) => kind !== null));
    onDone(Number(last.number));
  }
}

/** Every row beside the hash that it must have: of its predecessor's, which is the row before it or left a cut, and its own content. */
function links(): SQL {
  return sql`
    ordered as (
      select e.*, lag(e.seq) over chain as seq_before, lag(e.hash) over chain as hash_before
      from ${auditEvents} e where e.hash is not null
      window chain as (partition by e.chain order by e.seq, e.id)
    ), contents as (
      select o.chain, o.seq, o.id, o.created_at, o.hash, o.seq_before = o.seq as is_repeated,
        case when o.seq_before = o.seq - 1 then o.hash_before when o.seq = 1 then ''::bytea else c.hash end as previous,
        convert_to(jsonb_build_array(o.chain, o.seq, o.id, extract(epoch from o.created_at), o.event, o.actor_id,
          o.subject_id, o.session_id, o.ip, o.user_agent, o.request_id, o.details)::text, 'UTF8') as content
      from ordered o left join ${auditCuts} c on c.chain = o.chain and c.seq = o.seq - 1
    ), links as (
      select chain, seq, id, created_at, hash, case
        when is_repeated then 'repeated'
        when previous is null then 'missing'
        when hash <> sha256(previous || content) then 'altered'
      end as problem
      from contents
    )`;
}

/** The rows of the chains as they stand. */
function linked(): SQL {
  return sql`links as (select chain, seq, id, created_at, hash from ${auditEvents} where hash is not null)`;
}

/** Where each chain ends by its rows, or by the cut where all of them have expired. */
function ends(): SQL {
  return sql`
    ends as (
      select distinct on (chain) chain, seq, hash from (
        select chain, seq, hash from links union all select chain, seq, hash from ${auditCuts}
      ) every order by chain, seq desc
    )`;
}

function unlinkedRows(): SQL {
  return sql`
    select 'unlinked' as kind, chain, seq, id from ${auditEvents} where hash is null or chain is null or seq is null`;
}

function brokenEnds(): SQL {
  return sql`
    select 'end_missing', coalesce(c.chain, e.chain), c.seq, null
    from ${auditChains} c full join ends e on e.chain = c.chain
    where (c.seq, c.hash) is distinct from (e.seq, e.hash)`;
}

/**
 * The cuts that something outside of the database proves: an anchor is the cut itself, or the rows run from the cut without
 * a gap to a row that an anchor saw, whose hash commits to that of the cut.
 */
function witnesses(): SQL {
  return sql`
    runs as (
      select chain, seq, hash, seq - row_number() over (partition by chain order by seq) as run from links
    ), reach as (
      select r.chain, r.run, max(r.seq) as seq
      from runs r join anchors a on a.chain = r.chain and a.seq = r.seq and a.hash = r.hash
      group by r.chain, r.run
    ), witnessed as (
      select c.chain, c.seq from ${auditCuts} c
      where exists (select 1 from anchors a where a.chain = c.chain and a.seq = c.seq and a.hash = c.hash)
        or exists (select 1 from runs r join reach on reach.chain = r.chain and reach.run = r.run
          where r.chain = c.chain and r.seq = c.seq + 1)
    )`;
}

/** An anchor holds if its link is there, or left with an expired partition by a cut that another anchor proves. */
function brokenAnchors(): SQL {
  return sql`
    select case
      when exists (select 1 from links l where l.chain = a.chain and l.seq = a.seq)
        or not exists (select 1 from ${auditCuts} c where c.chain = a.chain and c.seq >= a.seq)
      then 'rewritten' else 'unwitnessed' end, a.chain, a.seq, null
    from (select distinct chain, seq, hash from anchors) a
    where not exists (select 1 from links l where l.chain = a.chain and l.seq = a.seq and l.hash = a.hash)
      and (exists (select 1 from links l where l.chain = a.chain and l.seq = a.seq)
        or not exists (select 1 from witnessed w where w.chain = a.chain and w.seq >= a.seq))`;
}

/** A row behind an anchor is younger than it. If the anchor is younger than the retention, no such row can have expired. */
function earlyCuts(retention_days: number | undefined): SQL {
  const expiry =
    retention_days === 0
      ? sql`'-infinity'::timestamptz`
      : sql`now() - make_interval(days => ${retention_days ?? null})`;
  return sql`
    select 'cut_early', c.chain, c.seq, null from ${auditCuts} c
    where exists (select 1 from anchors a
      where a.chain = c.chain and a.seq < c.seq and a.time - ${TOLERANCE}::interval > ${expiry})`;
}

/** A row behind an anchor was not recorded before it, and one up to it not after it. */
function misdatedRows(): SQL {
  return sql`
    select 'misdated', chain, seq, id from (
      select *,
        max(time) over (partition by chain order by seq, is_anchor rows unbounded preceding) as not_before,
        min(time) over (partition by chain order by seq desc, is_anchor desc rows unbounded preceding) as not_after
      from (
        select chain, seq, id, created_at, null::timestamptz as time, false as is_anchor from links
        union all select chain, seq, null, null, time, true from anchors
      ) every
    ) dated
    where created_at < not_before - ${TOLERANCE}::interval or created_at > not_after + ${TOLERANCE}::interval`;
}

function anchorRows(anchors: readonly Anchor[]): SQL {
  const json = JSON.stringify(anchors);
  return sql`(
    select chain, seq, decode(hash, 'hex') as hash, time
    from jsonb_to_recordset(${json}::jsonb) as given(chain smallint, seq bigint, hash text, time timestamptz)
  ) given`;
}
