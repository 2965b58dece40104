import { formatFigure } from '../figures.ts';
import { median } from '../load.ts';
import type { Sample } from './samples.ts';

/** Something that must hold. */
export interface Check {
  what: string;
  /** `undefined`: the run was too short to tell, or the system tells no figure. */
  holds: boolean | undefined;
  seen: string;
}

const PARTS = 10;
const HEADINGS = [
  'minutes',
  'requests',
  'p50 ms',
  'p99 ms',
  'RSS MB',
  'heap MB',
  'files',
  'pool',
  'waiting',
  'forgotten',
  'dead rows',
];
/** Of a run that is shorter, most is V8 and PostgreSQL warming up. */
const TELLS_AFTER_SECONDS = 20 * 60;
const POOL_MAX = 15;
const NOT_TOLD = 'not told by this system';
const SLACK_BYTES = 512 * 1024;
/** Tables of which as much goes as comes. */
const STEADY_TABLES = ['kit_notes', 'sessions', 'rate_limits', 'login_failures'];

/** One line for each tenth of the run. The heap is the least that was seen, which is nearest to what is in use. */
export function formatParts(samples: readonly Sample[]): string {
  const size = samples.length / PARTS;
  const parts = Array.from({ length: PARTS }, (_, part) =>
    samples.slice(Math.floor(part * size), Math.floor((part + 1) * size)),
  ).filter((part) => part.length > 0);
  return formatTable([HEADINGS, ...parts.map(partLine)]);
}

function partLine(part: readonly Sample[]): string[] {
  const of = (pick: (sample: Sample) => number): number[] => part.map(pick).filter((value) => !Number.isNaN(value));
  const middle = (pick: (sample: Sample) => number, digits: number): string => formatFigure(median(of(pick)), digits);
  const most = (pick: (sample: Sample) => number): string => formatFigure(Math.max(...of(pick)), 0);
  const dead = ({ tables }: Sample): number => [...tables.values()].reduce((sum, table) => sum + table.dead, 0);
  return [
    ((part.at(-1)?.at_seconds ?? 0) / 60).toFixed(1),
    String(of(({ answers }) => answers).reduce((sum, answers) => sum + answers, 0)),
    middle(({ p50_ms }) => p50_ms, 2),
    middle(({ p99_ms }) => p99_ms, 2),
    middle(({ rss_mb }) => rss_mb, 1),
    formatFigure(Math.min(...of(({ heap_mb }) => heap_mb)), 1),
    middle(({ descriptors }) => descriptors, 0),
    most(({ connections }) => connections),
    most(({ pool_waiting }) => pool_waiting),
    most(({ forgotten }) => forgotten),
    most(dead),
  ];
}

/** Each table at half of the run and at its end. */
export function formatTables(samples: readonly Sample[]): string {
  const [half, end] = [samples[Math.floor(samples.length / 2)], samples.at(-1)];
  const kb = (bytes = 0): string => String(Math.round(bytes / 1024));
  const lines = [...(end?.tables ?? [])].toSorted().map(([name, { bytes, live, dead, vacuums }]) => {
    return [name, kb(half?.tables.get(name)?.bytes), kb(bytes), String(live), String(dead), String(vacuums)];
  });
  return formatTable([['table', 'KB at half', 'KB at the end', 'rows', 'dead rows', 'vacuums'], ...lines]);
}

/** What the samples alone can tell. */
export function judgeSamples(samples: readonly Sample[]): Check[] {
  const second_half = samples.slice(Math.floor(samples.length / 2));
  const isLong = (samples.at(-1)?.at_seconds ?? 0) >= TELLS_AFTER_SECONDS;
  const most = (pick: (sample: Sample) => number): number => Math.max(...samples.map(pick));
  const memory = growthOf(second_half, ({ rss_mb }) => rss_mb);
  const files = growthOf(second_half, ({ descriptors }) => descriptors);
  const starts = new Set(samples.map(({ process_start }) => process_start));
  return [
    {
      what: 'memory in MB stays: less than a tenth more over the second half',
      holds: isLong && isTold(memory) ? memory.growth < 0.1 * memory.mean : undefined,
      seen: formatGrowth(memory),
    },
    {
      what: 'open files stay: less than ten more over the second half',
      holds: isLong && isTold(files) ? files.growth < 10 : undefined,
      seen: formatGrowth(files),
    },
    ...STEADY_TABLES.map((name) => judgeTable(name, samples, isLong)),
    { what: 'the process is the same', holds: starts.size === 1, seen: `${starts.size}` },
    {
      what: `at most ${POOL_MAX} connections`,
      holds: most(({ connections }) => connections) <= POOL_MAX,
      seen: `${most(({ connections }) => connections)}`,
    },
    {
      what: 'nobody is forgotten inside a transaction',
      holds: most(({ forgotten }) => forgotten) === 0,
      seen: `${most(({ forgotten }) => forgotten)}`,
    },
    {
      what: 'the audit table is kept up',
      holds: most(({ upkeep_failures }) => upkeep_failures) === 0,
      seen: `${most(({ upkeep_failures }) => upkeep_failures)} rounds failed`,
    },
  ];
}

/** The verdict, what it is about, and what was seen. */
export function formatChecks(checks: readonly Check[]): string {
  return checks.map((check) => `${verdict(check).padEnd(9)}  ${check.what}: ${check.seen}`).join('\n');
}

function verdict({ holds, seen }: Check): string {
  if (holds !== undefined) return holds ? 'ok' : 'FAILED';
  return seen === NOT_TOLD ? 'not told' : 'too short';
}

function judgeTable(name: string, samples: readonly Sample[], isLong: boolean): Check {
  const bytes = (sample: Sample | undefined): number => sample?.tables.get(name)?.bytes ?? Number.NaN;
  const [half, end] = [bytes(samples[Math.floor(samples.length / 2)]), bytes(samples.at(-1))];
  return {
    what: `the table ${name} stays as large as it was at half`,
    holds: isLong ? end <= 1.5 * half + SLACK_BYTES : undefined,
    seen: `${Math.round(half / 1024)} → ${Math.round(end / 1024)} KB`,
  };
}

interface Growth {
  mean: number;
  /** Over all of these samples, by the line that fits them best. */
  growth: number;
  per_hour: number;
}

function growthOf(samples: readonly Sample[], pick: (sample: Sample) => number): Growth {
  const points = samples.map((sample) => ({ x: sample.at_seconds, y: pick(sample) }));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mean_x, mean_y] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const spread = points.reduce((sum, { x }) => sum + (x - mean_x) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - mean_x) * (y - mean_y), 0) / spread;
  const seconds = (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
  return { mean: mean_y, growth: slope * seconds, per_hour: slope * 3600 };
}

function isTold({ growth }: Growth): boolean {
  return Number.isFinite(growth);
}

function formatGrowth({ mean, per_hour }: Growth): string {
  if (!Number.isFinite(mean)) return NOT_TOLD;
  return `${mean.toFixed(1)} on average, ${per_hour >= 0 ? '+' : ''}${per_hour.toFixed(2)} an hour`;
}

function formatTable(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')).join('\n');
}
