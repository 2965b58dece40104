import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type CliProject, createCliProject } from '../helpers/cli-project.ts';
import { createProject, type MigrationProject, writeFolder } from '../helpers/migrations.ts';

const REVISIONS = 500;
const hasPsql = spawnSync('psql', ['--version']).status === 0;

describe('five hundred revisions', () => {
  let project: MigrationProject;
  let cli: CliProject;
  const statements: string[] = [];

  beforeAll(async () => {
    project = await createProject();
    cli = createCliProject({ url: project.url, migrations: false });
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
      const other = await createProject();
      onTestFinished(other.end);
      const started = performance.now();
      expect(spawnSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-f', file, other.url]).status).toBe(0);
      const psql_ms = performance.now() - started;
      expect((await timed('upgrade', 'head')) / psql_ms).toBeLessThan(2);
    },
    120_000,
  );

  it('are listed and placed within half a second', async () => {
    await project.migrator({ directory: join(cli.root, 'migrations/versions') }).upgrade('head');
    for (const verb of ['history', 'current'])
      expect(Math.min(await timed(verb), await timed(verb), await timed(verb)), `back ${verb}`).toBeLessThan(500);
    expect((await cli.back('history')).stdout.trim().split('\n')).toHaveLength(REVISIONS);
  });

  async function timed(...args: string[]): Promise<number> {
    const started = performance.now();
    expect((await cli.back(...args)).code).toBe(0);
    return performance.now() - started;
  }
});
