import { Command } from 'commander';
import { type Arena, openArena } from './arena.ts';
import { CASES, type Case, type ServerName } from './cases.ts';
import { number } from './options.ts';
import { formatReport, type Report, type Row } from './report.ts';

interface Options {
  cases?: string[];
  servers?: string[];
  connections: number[];
  seconds: number;
  runs: number;
  starts: number;
  other?: string;
  profile?: string;
  json?: true;
}

const program = new Command('npm run bench --')
  .description('Load the application and its baselines side by side: each run measures them one after the other')
  .option('--cases <names>', `only these, comma-separated: ${CASES.map(({ name }) => name).join(', ')}`, list)
  .option(
    '--servers <names>',
    'only these beside back: limit, by-hand, express, better-auth, better-auth-passkeys, bcrypt',
    list,
  )
  .option('--connections <numbers>', 'connections at once, comma-separated', numbers, [1, 8, 64, 256])
  .option('--seconds <number>', 'length of one measurement', number, 5)
  .option('--runs <number>', 'how often each is measured; the medians count', number, 5)
  .option('--starts <number>', 'how often the start of the process is timed', number, 5)
  .option('--other <directory>', 'compare with another checkout of the application too')
  .option('--profile <directory>', 'write a CPU profile of each server there')
  .option('--json', 'print every measurement instead of the table');

const options = program.parse().opts<Options>();
await bench();

async function bench(): Promise<void> {
  const arena = await openArena({
    servers: neededServers(),
    onProgress: progress,
    ...(options.other !== undefined && { other_directory: options.other }),
    ...(options.profile !== undefined && { profile_directory: options.profile }),
  });
  // What was measured is shown, also where a later case fails.
  const report: Report = { rows: [], ready_ms: [] };
  try {
    await measureAll(arena, report);
    for (let start = 0; start < options.starts; start++) report.ready_ms.push(await arena.timeStart());
  } finally {
    print(report);
    await arena.close();
  }
}

function neededServers(): Set<ServerName> {
  return new Set(selectedCases().flatMap(selectedServers));
}

function selectedCases(): Case[] {
  return CASES.filter(({ name }) => options.cases?.includes(name) ?? true);
}

function selectedServers({ servers }: Case): ServerName[] {
  return servers.filter((name) => {
    if (name === 'back') return true;
    return name === 'other' ? options.other !== undefined : (options.servers?.includes(name) ?? true);
  });
}

async function measureAll(arena: Arena, { rows }: Pick<Report, 'rows'>): Promise<void> {
  for (const subject of selectedCases()) {
    for (const connections of options.connections.filter((number) => subject.connections?.includes(number) ?? true)) {
      const row: Row = { name: subject.name, connections, runs: [] };
      for (let run = 1; run <= options.runs; run++) {
        progress(`${subject.name} at ${connections}: run ${run} of ${options.runs}`);
        row.runs.push(await measureOnce(arena, subject, { connections, run }));
      }
      rows.push(row);
    }
  }
}

/** One after the other, so that each has the machine for itself; every run begins with another one, since the first meets colder caches. */
async function measureOnce(
  { servers, fixtures, ways_in }: Arena,
  subject: Case,
  { connections, run }: { connections: number; run: number },
): Promise<Row['runs'][number]> {
  const names = selectedServers(subject);
  const first = run % names.length;
  const results: Row['runs'][number] = {};
  for (const name of [...names.slice(first), ...names.slice(0, first)]) {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`${name} is not running`);
    const cpu = server.cpuMs();
    const measured = await subject.run({ server, fixtures, ways_in }, { connections, seconds: options.seconds });
    const cpu_ms = (server.cpuMs() - cpu) / measured.answers;
    results[name] = { ...measured, cpu_ms, peak_memory_mb: server.peakMemoryMb() };
  }
  return results;
}

function print(report: Report): void {
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : formatReport(report)}\n`);
}

function progress(step: string): void {
  process.stderr.write(`${step} …\n`);
}

function list(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function numbers(text: string): number[] {
  return list(text).map(number);
}
