import { type SQL, sql } from 'drizzle-orm';
import type { Core } from '../../../core.ts';
import { auditChains, auditCuts } from '../../../models/system/audit-chains.ts';
import { auditEvents } from '../../../models/system/audit-events.ts';

/** The last link of a chain, as it was at some time. Kept outside of the database it proves that nothing before it was rewritten. */
export interface Anchor {
  chain: number;
  seq: number;
  /** Lower-case hexadecimal. */
  hash: string;
}

/** One place where the rows are not as they were written. */
export interface AuditProblem {
  /**
   * `altered`: the row is not the one that was linked · `missing`: rows before this one are gone · `repeated`: a link is there twice ·
   * `unlinked`: written past the trigger · `end_missing`: the chain does not end where it ended · `rewritten`: it disagrees with an anchor.
   */
  kind: 'altered' | 'missing' | 'repeated' | 'unlinked' | 'end_missing' | 'rewritten';
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

const MAX_PROBLEMS = 1000;

/**
 * Recomputes every link from the rows themselves, with nothing of the database's own functions but its SHA-256, and
 * compares the chains' ends and the anchors. Reads the whole table in one snapshot: give it a connection of its own.
 */
export async function verify(
  { db }: Pick<Core, 'db'>,
  { anchors = [] }: { anchors?: readonly Anchor[] } = {},
): Promise<Verification> {
  return db.transaction(
    async (tx) => {
      const counted = await tx.execute<{ rows: string }>(sql`select count(*) as rows from ${auditEvents}`);
      const found = await tx.execute<AuditProblemRow>(sql`
        with ${links()}, ${ends()}, anchors as (select * from ${anchorRows(anchors)})
        ${brokenLinks()} union all ${brokenEnds()} union all ${brokenAnchors()}
        order by chain nulls first, seq limit ${MAX_PROBLEMS}`);
      return {
        rows: Number(counted.rows[0]?.rows),
        problems: found.rows.map(({ seq, ...problem }) => ({ ...problem, seq: seq === null ? null : Number(seq) })),
      };
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

/** Every row beside the hash that it must have: of its predecessor's, which is the row before it or left a cut, and its own content. */
function links(): SQL {
  return sql`
    ordered as (
      select e.*, lag(e.seq) over chain as seq_before, lag(e.hash) over chain as hash_before
      from ${auditEvents} e where e.hash is not null
      window chain as (partition by e.chain order by e.seq, e.id)
    ), contents as (
      select o.chain, o.seq, o.id, o.hash, o.seq_before = o.seq as is_repeated,
        case when o.seq_before = o.seq - 1 then o.hash_before when o.seq = 1 then ''::bytea else c.hash end as previous,
        convert_to(jsonb_build_array(o.chain, o.seq, o.id, extract(epoch from o.created_at), o.event, o.actor_id,
          o.subject_id, o.session_id, o.ip, o.user_agent, o.request_id, o.details)::text, 'UTF8') as content
      from ordered o left join ${auditCuts} c on c.chain = o.chain and c.seq = o.seq - 1
    ), links as (
      select chain, seq, id, hash, case
        when is_repeated then 'repeated'
        when previous is null then 'missing'
        when hash <> sha256(previous || content) then 'altered'
      end as problem
      from contents
    )`;
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

function brokenLinks(): SQL {
  return sql`
    select problem as kind, chain, seq, id from links where problem is not null
    union all
    select 'unlinked', chain, seq, id from ${auditEvents} where hash is null or chain is null or seq is null`;
}

function brokenEnds(): SQL {
  return sql`
    select 'end_missing', coalesce(c.chain, e.chain), c.seq, null
    from ${auditChains} c full join ends e on e.chain = c.chain
    where (c.seq, c.hash) is distinct from (e.seq, e.hash)`;
}

/** An anchor holds where its link is there, or left with an expired partition. */
function brokenAnchors(): SQL {
  return sql`
    select 'rewritten', a.chain, a.seq, null from anchors a
    where not exists (select 1 from links l where l.chain = a.chain and l.seq = a.seq and l.hash = a.hash)
      and not exists (select 1 from ${auditCuts} c where c.chain = a.chain and c.seq = a.seq and c.hash = a.hash)
      and (exists (select 1 from links l where l.chain = a.chain and l.seq = a.seq)
        or not exists (select 1 from ${auditCuts} c where c.chain = a.chain and c.seq >= a.seq))`;
}

function anchorRows(anchors: readonly Anchor[]): SQL {
  const json = JSON.stringify(anchors);
  return sql`(
    select chain, seq, decode(hash, 'hex') as hash
    from jsonb_to_recordset(${json}::jsonb) as given(chain smallint, seq bigint, hash text)
  ) given`;
}
