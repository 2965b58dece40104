import type pg from 'pg';
import { PoolClient } from '../../src/app/database/pool-client.ts';

export interface Statement {
  text: string;
  values: readonly unknown[];
}

/** A node of EXPLAIN's JSON. */
export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

export type Query = <Row extends pg.QueryResultRow>(text: string) => Promise<Row[]>;

/** From its sixth use on the server may keep one plan for all values of a statement. */
const USES = 6;

/** Listens at the driver while the real code runs: the statements that ask for rows or change them. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const { query } = PoolClient.prototype;
  const statements: Statement[] = [];
  PoolClient.prototype.query = function (this: PoolClient, ...args: unknown[]): never {
    const [config, values = []] = args as [pg.QueryConfig, unknown[] | undefined];
    const { text } = config;
    if (/^\s*(select|insert|update|delete|with)\b/i.test(text)) statements.push({ text, values });
    return Reflect.apply(query, this, args) as never;
  };
  try {
    await work();
    return statements;
  } finally {
    PoolClient.prototype.query = query;
  }
}

/**
 * EXPLAIN of a statement as a connection sees it that has sent it often: with the plan for these values or the one kept
 * for all, whichever the server then takes. All on one connection.
 */
export async function explain<Row extends pg.QueryResultRow>(
  query: Query,
  { text, values }: Statement,
  options: string,
): Promise<Row[]> {
  const execute = `execute explained${values.length === 0 ? '' : `(${values.map(literal).join(', ')})`}`;
  await query(`prepare explained as ${text}`);
  try {
    for (let use = 1; use < USES; use++) await query(`explain ${execute}`);
    return await query<Row>(`explain (${options}) ${execute}`);
  } finally {
    await query('deallocate explained');
  }
}

/** A plan's nodes, one after the other. */
export function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return `'${plain(value).replaceAll("'", "''")}'`;
}

function plain(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `{${value.join(',')}}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
