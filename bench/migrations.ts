import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { generateDrizzleJson } from 'drizzle-kit/api-postgres';
import { index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { createDatabase } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { createMigrator } from 'pg-revisions';

/**
 * `npm run bench:migrations`: an upgrade from base over 1,000 revisions beside psql, in turns, then whole processes beside
 * drizzle-kit's migrate, then what reads the revisions. psql runs the same statements in the same transactions, with the lock and
 * the version rows that each of them needs, from one file in one session.
 */
const [REVISIONS] = new Command('npm run bench:migrations --')
  .description('Time an upgrade over many revisions beside psql and drizzle-kit, and the commands that read them')
  .addArgument(new Argument('[revisions]', 'how many').argParser(number).default(1000))
  .parse().processedArgs as [number];
const ROUNDS = 5;
const ROOT = join(import.meta.dirname, '..');

if (spawnSync('psql', ['--version']).status !== 0) {
  console.error('psql is not installed: there is nothing to compare with');
  process.exit(1);
}
// Inside the project, so that its dependencies are found.
mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true });
const folder = mkdtempSync(join(ROOT, 'node_modules/.cache/bench-migrations-'));
const versions = join(folder, 'versions');
const postgres = await startThrowAwayPostgres();
try {
  await writeRevisions();
  const costs: Record<'psql' | 'back', Cost[]> = { psql: [], back: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    const sides = [
      async () => costs.psql.push(await costOf(`psql_${round}`, psql)),
      async () => costs.back.push(await costOf(`back_${round}`, upgrade)),
    ];
    // Either goes first in its turn: what slows the machine down meets both.
    for (const side of round % 2 === 1 ? sides : sides.reverse()) await side();
    const [theirs, ours] = [lastOf(costs.psql), lastOf(costs.back)];
    console.log(
      `round ${round}: psql ${costText(theirs)}; back ${costText(ours)}; ${ratioText(ratioOf(ours, theirs))}`,
    );
  }
  const [theirs, ours] = [medianOf(costs.psql), medianOf(costs.back)];
  console.log(`medians: psql ${costText(theirs)}; back ${costText(ours)}; ${ratioText(ratioOf(ours, theirs))}`);
  await processes();
  await readers(`back_${ROUNDS}`);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function writeRevisions(): Promise<void> {
  const snapshot = await generateDrizzleJson(models());
  const all = [
    'create table alembic_version (version_num varchar(32) primary key);',
    'create table applied (version_num varchar(32) primary key, checksum varchar(64), applied_at timestamptz default now());',
  ];
  for (let n = 0; n < REVISIONS; n++) {
    const id = `r${n}`;
    const name = `20260101${String(n).padStart(4, '0')}_${id}_step`;
    const table = `create table t${n} (id int primary key, name text not null, at timestamptz default now());`;
    const statements = [table, `create index t${n}_name on t${n} (name);`, `alter table t${n} add column more jsonb;`];
    const upgrade = `${statements.join('\n\n')}\n`;
    const header = `-- step ${n}\n--\n-- Revision ID: ${id}\n-- Revises: ${n === 0 ? '' : `r${n - 1}`}\n-- Create Date: 2026-01-01 00:00\n\n`;
    write(join(versions, name), { 'upgrade.sql': header + upgrade, 'downgrade.sql': `drop table t${n};\n` });
    if (n === REVISIONS - 1) write(join(versions, name), { 'snapshot.json': JSON.stringify(snapshot) });
    const stamp = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
    write(join(folder, 'drizzle', `${stamp}_step`), { 'migration.sql': statements.join('--> statement-breakpoint\n') });
    all.push(
      'begin;',
      'select pg_advisory_xact_lock(1) \\g /dev/null',
      upgrade,
      n === 0
        ? `insert into alembic_version values ('${id}');`
        : `update alembic_version set version_num = '${id}' where version_num = 'r${n - 1}';`,
      `insert into applied values ('${id}', '${'0'.repeat(64)}');`,
      'commit;',
    );
  }
  writeFileSync(join(folder, 'all.sql'), all.join('\n'));
}

function write(path: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
}

/** What the revisions make, for the comparison. */
function models(): Record<string, unknown> {
  const tables = Array.from({ length: REVISIONS }, (_, n) =>
    pgTable(
      `t${n}`,
      {
        id: integer().primaryKey(),
        name: text().notNull(),
        at: timestamp({ withTimezone: true }).defaultNow(),
        more: jsonb(),
      },
      (table) => [index(`t${n}_name`).on(table.name)],
    ),
  );
  return Object.fromEntries(tables.map((table, n) => [`t${n}`, table]));
}

/** From the command to the end of its process, each on an empty database. */
async function processes(): Promise<void> {
  const config = `export default { directory: ${JSON.stringify(versions)} };`;
  write(folder, { 'pg-revisions.config.js': config });
  const drizzle = { dialect: 'postgresql', out: join(folder, 'drizzle') };
  const run = (program: string, args: readonly string[], url: string): void => {
    const env = { ...process.env, DATABASE_URL: url };
    const { status, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  };
  const main = join(ROOT, 'packages/migrate/src/cli/main.ts');
  const kit = join(ROOT, 'node_modules/drizzle-kit/bin.cjs');
  const commands: Record<string, (url: string) => void> = {
    psql: (url) => run('psql', psqlArguments(url), url),
    'pg-revisions upgrade head --no-lint': (url) => run(process.execPath, [main, 'upgrade', 'head', '--no-lint'], url),
    'pg-revisions upgrade head': (url) => run(process.execPath, [main, 'upgrade', 'head'], url),
    'drizzle-kit migrate': (url) => {
      const settings = JSON.stringify({ ...drizzle, dbCredentials: { url } });
      write(folder, { 'drizzle.config.ts': `export default ${settings};` });
      run(process.execPath, [kit, 'migrate', '--config', 'drizzle.config.ts'], url);
    },
  };
  for (const [index, [name, work]] of Object.entries(commands).entries()) {
    console.log(`process ${name}: ${costText(await costOf(`process_${index}`, async (url) => work(url)))}`);
  }
}

/** Each command on a fresh migrator, on the database that was upgraded last. */
async function readers(database: string): Promise<void> {
  const url = new URL(postgres.url);
  url.pathname = `/${database}`;
  const commands = ['history', 'current', 'lint', 'check'] as const;
  for (const command of commands) {
    const migrator = createMigrator({ directory: versions, url: url.href, models });
    const started = performance.now();
    const answer = await migrator[command]();
    if (command === 'check' && Array.isArray(answer) && answer.length > 0)
      throw new Error(`check: ${JSON.stringify(answer[0])}`);
    console.log(`${command}: ${Math.round(performance.now() - started)} ms`);
  }
  const squawk = process.env.SQUAWK ?? 'squawk';
  const files = Array.from({ length: REVISIONS }, (_, n) =>
    join(versions, `20260101${String(n).padStart(4, '0')}_r${n}_step`, 'upgrade.sql'),
  );
  const started = performance.now();
  const { error } = spawnSync(squawk, files, { stdio: 'ignore' });
  if (error !== undefined) return console.log('squawk: is not installed (SQUAWK names its program)');
  console.log(`squawk: ${Math.round(performance.now() - started)} ms`);
}

async function psql(url: string): Promise<void> {
  spawnSync('psql', psqlArguments(url), { stdio: 'inherit' });
}

function psqlArguments(url: string): string[] {
  return ['-q', '-v', 'ON_ERROR_STOP=1', '-f', join(folder, 'all.sql'), url];
}

async function upgrade(url: string): Promise<void> {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client(url);
    await client.connect();
    return client;
  };
  const steps = await createMigrator({ directory: versions, connect }).upgrade('head');
  if (steps.length !== REVISIONS) throw new Error(`${steps.length} revisions were applied, not ${REVISIONS}`);
}

/** What a run takes: by the clock, and of the processors, client and server together. A machine that is busy changes the first. */
interface Cost {
  time_ms: number;
  work_ms: number;
}

function ratioOf(ours: Cost, theirs: Cost): Cost {
  return { time_ms: ours.time_ms / theirs.time_ms, work_ms: ours.work_ms / theirs.work_ms };
}

function lastOf(costs: readonly Cost[]): Cost {
  return costs.at(-1) ?? { time_ms: Number.NaN, work_ms: Number.NaN };
}

function medianOf(costs: readonly Cost[]): Cost {
  const median = (key: keyof Cost): number =>
    costs.map((cost) => cost[key]).sort((a, b) => a - b)[Math.floor(costs.length / 2)] ?? Number.NaN;
  return { time_ms: median('time_ms'), work_ms: median('work_ms') };
}

function costText({ time_ms, work_ms }: Cost): string {
  return `${Math.round(time_ms)} ms (${Math.round(work_ms)} of work)`;
}

function ratioText({ time_ms, work_ms }: Cost): string {
  return `${time_ms.toFixed(2)} × the time, ${work_ms.toFixed(2)} × the work`;
}

async function costOf(database: string, work: (url: string) => Promise<void>): Promise<Cost> {
  const url = new URL(postgres.url);
  url.pathname = `/${database}`;
  await createDatabase(url.href);
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  try {
    const { rows } = await admin.query('select pg_backend_pid() as pid');
    const server = parentOf(rows[0]?.pid);
    const [started, before] = [performance.now(), workOf(process.pid) + workOf(server)];
    await work(url.href);
    const time_ms = performance.now() - started;
    // A process counts with its parent as soon as that has seen its end.
    while (hasBackend(server, database)) await sleep(20);
    return { time_ms, work_ms: workOf(process.pid) + workOf(server) - before };
  } finally {
    await admin.end();
  }
}

/** The milliseconds that a process and its ended children have worked, as Linux counts them. */
function workOf(pid: number): number {
  const ticks = statOf(pid).slice(11, 15).map(Number);
  return ticks.reduce((sum, part) => sum + part, 0) * 10;
}

/** PostgreSQL's processes have the database that they serve in their title. */
function hasBackend(server: number, database: string): boolean {
  const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8').split(' ').filter(Boolean);
  return children.some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(` ${database} `) || statOf(Number(pid))[0] === 'Z';
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

/** The fields behind the name, which may hold spaces. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
