import { closeSync, openSync, readSync } from 'node:fs';
import type pg from 'pg';
import { parseMetrics } from '../../tests/helpers/metrics.ts';
import { percentile } from '../load.ts';
import type { Server } from '../servers.ts';
import type { People } from './people.ts';

/** What is seen every few seconds. */
export interface Sample {
  at_seconds: number;
  rss_mb: number;
  /** V8's heap, what nobody needs any more included. */
  heap_mb: number;
  descriptors: number;
  pool_used: number;
  pool_idle: number;
  pool_waiting: number;
  /** As PostgreSQL counts them. */
  connections: number;
  /** Connections that have been inside a transaction without a statement for longer than a moment. */
  forgotten: number;
  p50_ms: number;
  p99_ms: number;
  answers: number;
  /** When the process began: another value is another process. */
  process_start: number;
  upkeep_failures: number;
  tables: ReadonlyMap<string, Table>;
}

/** A table, its partitions together. */
export interface Table {
  bytes: number;
  live: number;
  dead: number;
  vacuums: number;
}

/** What the log may never say, and how often it warned of anything. */
export interface LogFindings {
  readonly warnings: Map<string, number>;
  readonly secrets: Map<string, number>;
}

export interface Watch {
  readonly log: LogFindings;
  sample: () => Promise<Sample>;
}

const MB = 1024 * 1024;
const SECRETS: Readonly<Record<string, RegExp>> = {
  'a token': /eyJ[\w-]{10,}\./,
  'a hash': /\$2[aby]\$\d\d\$/,
  'a password': /correct horse|a wrong guess/,
  SQL: /"(select|insert into|update|delete from) /i,
};
const CONNECTIONS = `
  select count(*)::int as connections,
    count(*) filter (where state like 'idle in transaction%' and state_change < clock_timestamp() - interval '2 s')::int as forgotten
  from pg_stat_activity where application_name = 'back-api'`;
const TABLES = `
  select regexp_replace(relname, '^audit_events_.*', 'audit_events') as name, sum(pg_total_relation_size(relid))::float8 as bytes,
    sum(n_live_tup)::float8 as live, sum(n_dead_tup)::float8 as dead, sum(autovacuum_count)::float8 as vacuums
  from pg_stat_user_tables group by 1`;

/** Looks at the server, its log and its database. */
export function openWatch({ server, client, people }: { server: Server; client: pg.Client; people: People }): Watch {
  const began = performance.now();
  const log: LogFindings = { warnings: new Map(), secrets: new Map() };
  const readNew = openTail(server.output);
  let answers = 0;
  return {
    log,
    sample: async () => {
      inspect(readNew(), log);
      const { told } = people;
      const times = told.durations_ms.splice(0).toSorted((a, b) => a - b);
      const new_answers = told.answers - answers;
      answers = told.answers;
      const of = readMetrics(await (await fetch(`${server.url}/metrics`)).text());
      const { rows } = await client.query<{ connections: number; forgotten: number }>(CONNECTIONS);
      const tables = await client.query<Table & { name: string }>(TABLES);
      return {
        at_seconds: (performance.now() - began) / 1000,
        rss_mb: of('process_resident_memory_bytes') / MB,
        heap_mb: of('nodejs_heap_size_used_bytes') / MB,
        descriptors: of('process_open_fds'),
        pool_used: of('db_pool_connections{state="used"}'),
        pool_idle: of('db_pool_connections{state="idle"}'),
        pool_waiting: of('db_pool_waiting'),
        connections: rows[0]?.connections ?? Number.NaN,
        forgotten: rows[0]?.forgotten ?? Number.NaN,
        p50_ms: percentile(times, 0.5),
        p99_ms: percentile(times, 0.99),
        answers: new_answers,
        process_start: of('process_start_time_seconds'),
        upkeep_failures: of('audit_upkeep_runs_total{outcome="failed"}') || 0,
        tables: new Map(tables.rows.map(({ name, ...table }) => [name, table])),
      };
    },
  };
}

function readMetrics(text: string): (series: string) => number {
  const metrics = parseMetrics(text);
  return (series) => {
    const [name = ''] = series.split('{', 1);
    return metrics.get(name)?.samples.get(series) ?? Number.NaN;
  };
}

/** Gives what was added to a file since the last call, in whole lines. */
function openTail(path: string): () => string[] {
  let position = 0;
  let rest = '';
  const part = Buffer.alloc(MB);
  return () => {
    const file = openSync(path, 'r');
    const lines: string[] = [];
    for (let length = -1; length !== 0; position += length) {
      length = readSync(file, part, 0, part.length, position);
      const found = (rest + part.toString('latin1', 0, length)).split('\n');
      rest = found.pop() ?? '';
      lines.push(...found);
    }
    closeSync(file);
    return lines;
  };
}

function inspect(lines: readonly string[], { warnings, secrets }: LogFindings): void {
  for (const line of lines) {
    for (const [what, pattern] of Object.entries(SECRETS)) if (pattern.test(line)) count(secrets, what);
    const level = /^\{"level":"(\w+)"/.exec(line)?.[1];
    if (level === 'info') continue;
    const event = /"event":"([^"]+)"/.exec(line)?.[1];
    // Those that hung up, and what Node itself says at the start.
    if (event !== 'request' && line !== '') count(warnings, event ?? line.slice(0, 200));
  }
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
