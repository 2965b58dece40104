import { existsSync } from 'node:fs';
import type pg from 'pg';
import type { EmbeddedPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { splitStatements } from '../../packages/migrate/src/sql/statements.ts';
import { refusesTransaction } from '../../packages/migrate/src/sql/transactions.ts';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { postgres15 } from '../helpers/postgres-15.ts';

const REFUSED = '25001';
const STATEMENTS = [
  'create index concurrently x on t (a)',
  'create unique index concurrently if not exists x on t (a)',
  'create index x on t (a)',
  'drop index concurrently i',
  'drop index i',
  'reindex table t',
  'reindex index i',
  'reindex table concurrently t',
  'reindex (concurrently) index i',
  'reindex (concurrently true, verbose) index i',
  'reindex (concurrently false) index i',
  'reindex (verbose) index i',
  'reindex schema public',
  'reindex (verbose) schema public',
  'alter table p detach partition p1 concurrently',
  'alter table p detach partition p1',
  'vacuum',
  'vacuum t',
  'vacuum (full, analyze) t',
  'analyze',
  'analyze t',
  'cluster',
  'cluster verbose',
  'cluster t using i',
  'cluster verbose t using i',
  "alter system set work_mem = '4MB'",
  'alter system reset all',
  'create database x',
  'drop database if exists postgres',
  'alter database postgres set tablespace pg_default',
  "alter database postgres set timezone = 'UTC'",
  "create tablespace x location '/nowhere'",
  'drop tablespace x',
  "create subscription y connection 'host=x' publication z",
  "create subscription y connection 'host=x' publication z with (connect = false)",
  'drop subscription x',
  'alter subscription x set publication z with (refresh = false)',
  'alter subscription x disable',
  'discard all',
  'discard plans',
  "commit prepared 'x'",
  "rollback prepared 'x'",
  "alter type mood add value 'x'",
  'refresh materialized view m',
  'create publication z for all tables',
  'lock table t',
  'checkpoint',
  'call c()',
];

for (const version of [17, 15]) {
  const isMissing = version === 15 && (postgres15 === undefined || !existsSync(postgres15));
  const title = `PostgreSQL ${version} refuses in a transaction what the runner takes out of it`;
  describe.skipIf(isMissing)(isMissing ? `${title} (skipped: it is not installed)` : title, () => {
    let own: EmbeddedPostgres | undefined;
    let project: MigrationProject;
    let client: pg.Client;

    beforeAll(async () => {
      if (version === 15)
        own = await startThrowAwayPostgres({ ...(postgres15 !== undefined && { binaries: postgres15 }) });
      project = await createProject({ server: own?.url ?? inject('postgres_url') });
      client = await project.connect();
      await client.query(
        `create table t (a int); create index i on t (a); create table p (a int) partition by list (a);
         create table p1 partition of p for values in (1); create type mood as enum ('a'); create materialized view m as select 1 as a;
         create procedure c() language sql as 'select 1'`,
      );
      await client.query("create subscription x connection 'host=x' publication z with (connect = false)");
    });
    afterAll(async () => {
      // A subscription keeps its database from being dropped.
      await client?.query('alter subscription x set (slot_name = none)');
      await client?.query('drop subscription x');
      await project?.end();
      await own?.stop();
    });

    it.each(STATEMENTS)('%s', async (sql) => {
      await client.query('begin');
      const code = await client.query(sql).then(
        () => undefined,
        (error: { code?: string }) => error.code,
      );
      await client.query('rollback');
      const isRefused = splitStatements(sql).some((statement) => refusesTransaction(statement));
      expect({ isRefused, code }).toEqual({ isRefused: code === REFUSED, code });
    });
  });
}
