import type { Case, ServerName } from './cases.ts';
import { formatFigure } from './figures.ts';
import { type Measurement, median } from './load.ts';

export interface Result extends Measurement {
  /** Processor time of the server for one answer; NaN if the system does not tell. */
  cpu_ms: number;
  /** The most memory that the server has held since its start; NaN if the system does not tell. */
  peak_memory_mb: number;
}

/** All runs of one case at one number of connections. */
export interface Row {
  name: Case['name'];
  connections: number;
  runs: Partial<Record<ServerName, Result>>[];
}

export interface Report {
  rows: Row[];
  ready_ms: number[];
}

const SERVER_ORDER: readonly ServerName[] = [
  'back',
  'other',
  'limit',
  'by-hand',
  'bcrypt',
  'express',
  'better-auth',
  'better-auth-passkeys',
];
const HEADINGS = ['case', 'conn', 'server', 'per second', 'p50 ms', 'p99 ms', 'cpu ms', 'peak MB', 'back is'];

/** The table: medians over the runs, and how the application compares with each baseline within the same run. */
export function formatReport({ rows, ready_ms }: Report): string {
  const lines = rows.flatMap(rowLines);
  const storm = stormGrowth(rows);
  return [
    formatTable([HEADINGS, ...lines]),
    '',
    ...(ready_ms.length === 0
      ? []
      : [`ready ${Math.round(median(ready_ms))} ms after the start of the process (median of ${ready_ms.length})`]),
    ...storm.map(({ server, growth }) => `p99 of /auth/me during 150 logins: ${growth.toFixed(1)} × quiet (${server})`),
  ].join('\n');
}

/** How much slower the slowest percent of `/auth/me` gets while people log in, per server. */
function stormGrowth(rows: readonly Row[]): { server: ServerName; growth: number }[] {
  const storm = rows.find(({ name }) => name === 'storm');
  const quiet = rows.find(({ name, connections }) => name === '/auth/me' && connections === storm?.connections);
  if (storm === undefined || quiet === undefined) return [];
  return serversOf(storm).map((server) => ({
    server,
    growth: median(
      storm.runs.map((run, index) => (run[server]?.p99_ms ?? NaN) / (quiet.runs[index]?.[server]?.p99_ms ?? NaN)),
    ),
  }));
}

function rowLines({ name, connections, runs }: Row, _index: number): string[][] {
  return serversOf({ runs }).map((server, position) => {
    const of = (field: keyof Result): number => median(runs.map((run) => run[server]?.[field] ?? NaN));
    const peak = Math.max(...runs.map((run) => run[server]?.peak_memory_mb ?? NaN));
    const ratio = median(runs.map((run) => (run.back?.rate ?? NaN) / (run[server]?.rate ?? NaN)));
    return [
      position === 0 ? name : '',
      position === 0 ? String(connections) : '',
      server,
      formatRate(of('rate')),
      formatFigure(of('p50_ms'), 2),
      formatFigure(of('p99_ms'), 2),
      formatFigure(of('cpu_ms'), 3),
      formatFigure(peak, 0),
      server === 'back' ? '' : `${ratio.toFixed(2)} × ${server}`,
    ];
  });
}

function serversOf({ runs }: Pick<Row, 'runs'>): ServerName[] {
  return SERVER_ORDER.filter((name) => runs[0]?.[name] !== undefined);
}

function formatRate(rate: number): string {
  return rate < 100 ? rate.toFixed(1) : String(Math.round(rate));
}

function formatTable(lines: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isText = (column: number): boolean => column === 0 || column === 2 || column === HEADINGS.length - 1;
  const format = (cell: string, column: number): string =>
    isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(format).join('  ').trimEnd()).join('\n');
}
