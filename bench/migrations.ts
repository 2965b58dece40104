import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createDatabase } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { createMigrator } from 'pg-revisions';

/** `npm run bench:migrations`: an upgrade from base over 1,000 revisions beside psql with the same SQL, in turns; then what reads them. */
const REVISIONS = 1000;
const ROUNDS = 3;

if (spawnSync('psql', ['--version']).status !== 0) {
  console.error('psql is not installed: there is nothing to compare with');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'back-bench-migrations-'));
const postgres = await startThrowAwayPostgres();
try {
  writeRevisions();
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const psql_ms = await timed(`psql_${round}`, async (url) => {
      spawnSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-f', join(folder, 'all.sql'), url], { stdio: 'inherit' });
    });
    const back_ms = await timed(`back_${round}`, upgrade);
    ratios.push(back_ms / psql_ms);
    console.log(
      `round ${round}: psql ${Math.round(psql_ms)} ms, back ${Math.round(back_ms)} ms, ${(back_ms / psql_ms).toFixed(2)} ×`,
    );
  }
  console.log(`median ${ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]?.toFixed(2)} × the time of psql`);
  await readers(`back_${ROUNDS}`);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

function writeRevisions(): void {
  const all: string[] = [];
  for (let n = 0; n < REVISIONS; n++) {
    const id = `r${n}`;
    const path = join(folder, 'versions', `20260101${String(n).padStart(4, '0')}_${id}_step`);
    const table = `create table t${n} (id int primary key, name text not null, at timestamptz default now());`;
    const upgrade = `${table}\n\ncreate index t${n}_name on t${n} (name);\n\nalter table t${n} add column more jsonb;\n`;
    const header = `-- step ${n}\n--\n-- Revision ID: ${id}\n-- Revises: ${n === 0 ? '' : `r${n - 1}`}\n-- Create Date: 2026-01-01 00:00\n\n`;
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'upgrade.sql'), header + upgrade);
    writeFileSync(join(path, 'downgrade.sql'), `drop table t${n};\n`);
    all.push(`begin;\n${upgrade}commit;`);
  }
  writeFileSync(join(folder, 'all.sql'), all.join('\n'));
}

/** Each command on a fresh migrator, on the database that was upgraded last. */
async function readers(database: string): Promise<void> {
  const url = new URL(postgres.url);
  url.pathname = `/${database}`;
  const commands = ['history', 'current', 'lint'] as const;
  for (const command of commands) {
    const migrator = createMigrator({ directory: join(folder, 'versions'), url: url.href });
    const started = performance.now();
    await migrator[command]();
    console.log(`${command}: ${Math.round(performance.now() - started)} ms`);
  }
}

async function upgrade(url: string): Promise<void> {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client(url);
    await client.connect();
    return client;
  };
  const steps = await createMigrator({ directory: join(folder, 'versions'), connect }).upgrade('head');
  if (steps.length !== REVISIONS) throw new Error(`${steps.length} revisions were applied, not ${REVISIONS}`);
}

async function timed(database: string, work: (url: string) => Promise<void>): Promise<number> {
  const url = new URL(postgres.url);
  url.pathname = `/${database}`;
  await createDatabase(url.href);
  const started = performance.now();
  await work(url.href);
  return performance.now() - started;
}
