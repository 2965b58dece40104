import { Command, InvalidArgumentError } from 'commander';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { type DelayProxy, startDelayProxy } from '../tests/helpers/delay-proxy.ts';
import { pgbouncerProgram, startPgbouncer } from '../tests/helpers/pgbouncer.ts';
import { FAR_CASES, type FarCase } from './far/cases.ts';
import { measurePressure } from './far/pressure.ts';
import { type FarServer, startFarServers } from './far/servers.ts';
import { createFixtures, type Fixtures } from './fixtures.ts';
import { median, percentile } from './load.ts';

/** `npm run bench:far`: what a request takes where the database is some milliseconds away. */
interface Options {
  distances: number[];
  rounds: number;
  cases?: string[];
  other?: string;
  pressure?: number;
  logins: number;
  json?: true;
}

interface Row {
  way: string;
  round_trip_ms: number;
  case: string;
  server: string;
  p50_ms: number;
  p99_ms: number;
  /** The median; see DelayProxy. */
  crossings: number;
}

const program = new Command('npm run bench:far --')
  .description(
    'Measure one request after the other, with a proxy between the servers and PostgreSQL that delays every byte',
  )
  .option('--distances <numbers>', 'milliseconds there and back, comma-separated', distances, [1, 5, 10, 30])
  .option('--rounds <number>', 'how often each request is sent', (text) => distances(text)[0] ?? 0, 60)
  .option('--cases <names>', 'only these, comma-separated', (text) => text.split(','))
  .option('--other <directory>', 'measure another checkout of the application too')
  .option(
    '--pressure <clients>',
    'requests a second of many clients at once, instead of one request after the other',
    Number,
  )
  .option('--logins <percent>', 'how many of 100 requests of --pressure log in, 0 to 20', percent, 5)
  .option('--json', 'print every figure instead of the table');

/** Requests that a server gets in a row. With those before them an even number, so that every password is again what it was. */
const BLOCK = 10;
const PRESSURE_SECONDS = 15;
/** Not measured: after the other servers' turns, connections that were idle are proved alive first. */
const AWAKENING = 2;
const options = program.parse().opts<Options>();
const rows: Row[] = [];
const postgres = await startThrowAwayPostgres();
try {
  const fixtures = await createFixtures(postgres.url, { BCRYPT_COST: '10' });
  try {
    for (const way of ['direct', 'pgbouncer'] as const)
      for (const round_trip_ms of options.distances) await measureWay(fixtures, way, round_trip_ms);
  } finally {
    await fixtures.close();
  }
} finally {
  await postgres.stop();
}
if (options.pressure === undefined) print();

async function measureWay(fixtures: Fixtures, way: 'direct' | 'pgbouncer', round_trip_ms: number): Promise<void> {
  if (way === 'pgbouncer' && pgbouncerProgram === undefined) return;
  const closers: (() => Promise<void>)[] = [];
  try {
    // The pooler stands beside PostgreSQL, as a hosted one does.
    const pooler = way === 'pgbouncer' ? await startPgbouncer(postgres.url) : undefined;
    if (pooler !== undefined) closers.push(() => pooler.stop());
    const port = pooler?.port ?? Number(new URL(postgres.url).port);
    const proxy = await startDelayProxy(port, round_trip_ms);
    closers.push(() => proxy.close());
    const servers = await startFarServers(fixtures, {
      before: proxy.before,
      isPooled: way === 'pgbouncer',
      other: options.other,
    });
    closers.push(...servers.map(({ stop }) => stop));
    if (fixtures.better_auth_tokens.length === 0) await fixtures.fillBetterAuth();
    if (options.pressure !== undefined)
      return await pressServers(servers, options.pressure, { fixtures, way, round_trip_ms });
    for (const subject of FAR_CASES) {
      if (options.cases !== undefined && !options.cases.includes(subject.name)) continue;
      await measureCase(subject, servers, { fixtures, proxy, way, round_trip_ms });
    }
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function pressServers(
  servers: readonly FarServer[],
  clients: number,
  { fixtures, way, round_trip_ms }: { fixtures: Fixtures; way: string; round_trip_ms: number },
): Promise<void> {
  for (const server of servers.filter(({ kind }) => kind === 'back' || kind === 'by-hand')) {
    const { per_second, refused } = await measurePressure(server, fixtures, {
      clients,
      seconds: PRESSURE_SECONDS,
      logins: options.logins,
    });
    process.stdout.write(
      `${way} ${round_trip_ms} ms, ${clients} clients, ${server.name}: ${per_second.toFixed(0)} a second, ${refused} refused\n`,
    );
  }
}

async function measureCase(
  subject: FarCase,
  servers: readonly FarServer[],
  {
    fixtures,
    proxy,
    way,
    round_trip_ms,
  }: { fixtures: Fixtures; proxy: DelayProxy; way: string; round_trip_ms: number },
): Promise<void> {
  const able = servers.filter(({ kind }) => subject.servers.includes(kind));
  const times = new Map(able.map(({ name }) => [name, { took_ms: [] as number[], crossings: [] as number[] }]));
  const next = await subject.prepare(fixtures);
  const counts = new Map<string, number>();
  const send = async (server: FarServer): Promise<number> => {
    const count = counts.get(server.name) ?? 0;
    counts.set(server.name, count + 1);
    const { path, init } = next(server, count);
    proxy.takeCrossings();
    const began = performance.now();
    const response = await fetch(server.url + path, init);
    await response.arrayBuffer();
    if (response.status >= 300) throw new Error(`${server.name} ${subject.name}: ${response.status}`);
    return performance.now() - began;
  };
  // In turns, so that other work on the machine slows all of them alike. The first block warms up.
  for (let block = -1; block < options.rounds / BLOCK; block++)
    for (const server of able) {
      for (let idle = 0; idle < AWAKENING; idle++) await send(server);
      for (let round = 0; round < BLOCK; round++) {
        const took_ms = await send(server);
        if (block < 0) continue;
        times.get(server.name)?.took_ms.push(took_ms);
        times.get(server.name)?.crossings.push(proxy.takeCrossings());
      }
    }
  for (const [server, { took_ms, crossings }] of times) {
    const sorted = took_ms.toSorted((a, b) => a - b);
    const [p50_ms, p99_ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
    rows.push({ way, round_trip_ms, case: subject.name, server, p50_ms, p99_ms, crossings: median(crossings) });
    process.stderr.write(`${way} ${round_trip_ms} ms ${subject.name} ${server}: ${p50_ms.toFixed(1)} ms\n`);
  }
}

function print(): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  process.stdout.write(
    '| way | round trip | request | server | crossings | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|\n',
  );
  for (const { way, round_trip_ms, case: name, server, crossings, p50_ms, p99_ms } of rows)
    process.stdout.write(
      `| ${way} | ${round_trip_ms} ms | \`${name}\` | ${server} | ${crossings} | ${p50_ms.toFixed(1)} | ${p99_ms.toFixed(1)} |\n`,
    );
}

function distances(text: string): number[] {
  const found = text.split(',').map(Number);
  if (found.some((ms) => !(ms > 0))) throw new InvalidArgumentError('It must be numbers above 0, comma-separated.');
  return found;
}

function percent(text: string): number {
  const found = Number(text);
  if (text.trim() === '' || !(found >= 0 && found <= 20))
    throw new InvalidArgumentError('It must be a number from 0 to 20.');
  return found;
}
