import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type CliProject, createCliProject, result } from '../helpers/cli-project.ts';
import { createProject, type MigrationProject, writeFolder } from '../helpers/migrations.ts';

const REVISIONS = 500;
/** The processor's milliseconds, since on a busy machine the clock says nothing about the command. */
const REPORT_WORK = `process.on('exit', () => { const { user, system } = process.cpuUsage(); console.error((user + system) / 1000) })`;
const hasPsql = spawnSync('psql', ['--version']).status === 0;

describe('five hundred revisions', () => {
  let project: MigrationProject;
  let cli: CliProject;
  const statements: string[] = [];

  beforeAll(async () => {
    project = await createProject();
    cli = createCliProject({ url: project.url, migrations: false });
    cli.env.NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(REPORT_WORK)}`;
    const directory = join(cli.root, 'migrations/versions');
    mkdirSync(directory, { recursive: true });
    for (let n = 0; n < REVISIONS; n++) {
      const table = `create table t${n} (id int primary key, name text not null, at timestamptz default now());`;
      const upgrade = `${table}\n\ncreate index t${n}_name on t${n} (name);\n\nalter table t${n} add column more jsonb;`;
      writeFolder(directory, {
        id: `r${n}`,
        down: n === 0 ? '' : `r${n - 1}`,
        upgrade,
        downgrade: `drop table t${n};`,
      });
      statements.push(`begin;\n${upgrade}\ncommit;`);
    }
  });

  afterAll(async () => {
    cli.end();
    await project.end();
  });

  it.skipIf(!hasPsql)(
    `are applied within twice the time of psql${hasPsql ? '' : ' (skipped: psql is not installed)'}`,
    async () => {
      const file = join(cli.root, 'all.sql');
      writeFileSync(file, statements.join('\n'));
      const psql_ms: number[] = [];
      const back_ms: number[] = [];
      // In turns, and the better of each: what else the machine does is not to count.
      for (let round = 0; round < 2; round++) {
        const other = await createProject();
        onTestFinished(other.end);
        psql_ms.push(
          await timed(() =>
            expect(spawnSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-f', file, other.url]).status).toBe(0),
          ),
        );
        await project.reset();
        back_ms.push(await timed(async () => expect((await cli.back('upgrade', 'head')).code).toBe(0)));
      }
      expect(Math.min(...back_ms) / Math.min(...psql_ms)).toBeLessThan(2);
    },
    120_000,
  );

  it('are listed and placed within half a second of work', async () => {
    await project.migrator({ directory: join(cli.root, 'migrations/versions') }).upgrade('head');
    for (const verb of ['history', 'current']) {
      const { stdout, stderr } = await result(cli.start(verb));
      expect(stdout).toContain(`r${REVISIONS - 1}`);
      expect(Number(stderr), `back ${verb}`).toBeLessThan(500);
    }
  });

  async function timed(work: () => unknown): Promise<number> {
    const started = performance.now();
    await work();
    return performance.now() - started;
  }
});
