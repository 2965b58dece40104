import { Command, InvalidArgumentError } from 'commander';
import { CASES } from './scale/cases.ts';
import { type Cluster, openCluster } from './scale/cluster.ts';
import { measureCase, type Target, type Times } from './scale/measure.ts';
import { writePlans } from './scale/plans.ts';
import { formatGrowth, growthOf } from './scale/report.ts';
import { applicationCommand, startServer } from './servers.ts';

/** `npm run bench:scale`: whether requests grow slower as the tables grow. */
interface Options {
  sizes: number[];
  rounds: number;
  cases?: string[];
  warm?: true;
  keep?: true;
  reuse?: string;
  json?: true;
  plans?: true;
}

const SMALLEST = 10_000;
const program = new Command('npm run bench:scale --')
  .description('Fill a database of each size and measure the same requests of all of them, in turns')
  .option(
    '--sizes <numbers>',
    'how many users, comma-separated, the smallest first',
    sizes,
    [10_000, 1_000_000, 10_000_000],
  )
  .option('--rounds <number>', 'how often each case is measured; the medians count', number, 3)
  .option('--cases <names>', 'only these whose name contains one of these texts, comma-separated', (text) =>
    text.split(','),
  )
  .option('--warm', 'send each read once before it is timed: its rows are then in PostgreSQL’s cache at every size')
  .option('--keep', 'leave the databases behind and tell where')
  .option('--reuse <directory>', 'use the databases that a run with --keep left; they stay')
  .option('--plans', 'measure nothing: write the plan of every statement, of the largest size, into bench/plans')
  .option('--json', 'print every figure instead of the table');

const options = program.parse().opts<Options>();
const closers: (() => Promise<void>)[] = [];
const measured: Times[] = [];
let ending: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    ending ??= cutShort();
  });

try {
  await run();
} catch (error) {
  // What was under way fails when its server goes.
  if (ending === undefined) throw error;
} finally {
  await (ending ?? close());
}

async function run(): Promise<void> {
  const cluster = await openCluster({
    sizes: options.sizes,
    keep: options.keep === true,
    ...(options.reuse !== undefined && { reuse: options.reuse }),
    onClose: (close) => closers.push(close),
    onProgress: progress,
  });
  const largest = cluster.databases.at(-1);
  if (options.plans && largest !== undefined) process.stdout.write(`${(await writePlans(largest)).join('\n')}\n`);
  else await measureGrowth(cluster);
  if (options.keep) progress(`Kept: --reuse ${cluster.directory}`);
}

async function measureGrowth(cluster: Cluster): Promise<void> {
  await measureAll(await startAll(cluster));
  printGrowth();
}

/** Of the rounds that are complete; of a single one too, since it is all that there is when a run is cut short. */
function printGrowth(): void {
  const rounds = Math.min(...measured.map(({ rounds }) => rounds.length));
  if (measured.length === 0 || rounds === 0) return;
  const growths = measured.map(({ name, rounds: all }) =>
    growthOf({ name, rounds: all.slice(0, rounds) }, options.sizes),
  );
  process.stdout.write(`${options.json ? JSON.stringify(growths, null, 2) : formatGrowth(growths)}\n`);
}

async function startAll({ databases }: Cluster): Promise<Target[]> {
  const targets: Target[] = [];
  for (const filled of databases) {
    const name = `back with ${filled.size} users`;
    progress(`Starting ${name}`);
    const command = applicationCommand();
    const server = await startServer({ name, env: filled.env, command, ready_path: '/health/ready' });
    closers.push(server.stop);
    targets.push({ filled, server });
  }
  return targets;
}

/** Each round goes through all cases, so that those of one case lie minutes apart. */
async function measureAll(targets: readonly Target[]): Promise<void> {
  const cases = CASES.filter(({ name }) => options.cases?.some((part) => name.includes(part)) ?? true);
  measured.push(...cases.map(({ name }): Times => ({ name, rounds: [] })));
  for (let round = 0; round < options.rounds; round++) {
    for (const [place, subject] of cases.entries()) {
      progress(`Round ${round + 1} of ${options.rounds}: ${subject.name}`);
      measured[place]?.rounds.push(await measureCase(targets, subject, { round, warm: options.warm === true }));
    }
  }
}

/** The folder and the processes go, whatever was being done. */
async function cutShort(): Promise<void> {
  progress('Cleaning up');
  printGrowth();
  await close().catch(() => {});
  process.exit(130);
}

async function close(): Promise<void> {
  for (const stop of closers.splice(0).reverse()) await stop();
}

function progress(step: string): void {
  process.stderr.write(`${step}\n`);
}

function sizes(text: string): number[] {
  const all = text.split(',').map(number);
  if (all.some((size, place) => size < (all[place - 1] ?? SMALLEST)))
    throw new InvalidArgumentError(`They must be ${SMALLEST} at least, the smallest first.`);
  return all;
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
