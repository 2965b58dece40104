import { existsSync } from 'node:fs';
import type { EmbeddedPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { measure } from '../helpers/measured.ts';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { postgres15 } from '../helpers/postgres-15.ts';
import { casesOf } from '../helpers/short-form.ts';
import { AROUND } from './measured-around.ts';
import { GIVEN, MEASURED, type MeasuredStatement, ROWS } from './measured-statements.ts';

/** Rules that say that a file is written or rows are read while somebody waits. */
const SLOW = new Set([
  'index-blocks-writes',
  'reindex-blocks-writes',
  'check-scans',
  'foreign-key-scans',
  'unique-builds-index',
  'exclusion-builds-index',
  'not-null-scans',
  'validated-under-lock',
  'partition-scans',
  'type-change-rewrites',
  'volatile-default',
  'table-rewrites',
  'refresh-blocks',
]);
/** These may be slow without a finding: nobody waits for them, or emptying is the finding. */
const IS_SLOW_ALONE = /^(?:truncate|alter table \w+ validate constraint|insert|with|create index x on m)/;
const UNNOTICED = new Set(['ACCESS SHARE', 'ROW SHARE']);

for (const version of [17, 15]) {
  const isMissing = version === 15 && (postgres15 === undefined || !existsSync(postgres15));
  const title = `on PostgreSQL ${version} a verdict of lint is what the server does`;
  describe.skipIf(isMissing)(isMissing ? `${title} (skipped: it is not installed)` : title, () => {
    let own: EmbeddedPostgres | undefined;
    let project: MigrationProject;

    beforeAll(async () => {
      if (version === 15)
        own = await startThrowAwayPostgres({ ...(postgres15 !== undefined && { binaries: postgres15 }) });
      project = await createProject({ server: own?.url ?? inject('postgres_url') });
    });
    afterAll(async () => {
      await project?.end();
      await own?.stop();
    });

    const statements = [...MEASURED, ...AROUND].filter(({ since = 0 }) => since <= version);
    const titled = statements.map((each): [string, MeasuredStatement] => [`${each.sql} | ${each.given ?? ''}`, each]);
    it.each(casesOf(titled, 4))('%s', async (_, { sql, given = '' }) => {
      await project.reset();
      project.write({ id: 'base', upgrade: GIVEN + given, downgrade: 'select 1;' });
      const client = await project.connect();
      await client.query(GIVEN + ROWS + given);
      const { rewritten, read, locks } = await measure(client, sql);
      await client.end();
      const linted = await project.migrator().lintText('next.sql', sql);

      const isSlow = rewritten.length > 0 || read.length > 0;
      const slow = linted.findings.filter(({ rule }) => SLOW.has(rule)).map(({ rule }) => rule);
      if (!IS_SLOW_ALONE.test(sql))
        expect({ rewritten, read, slow: slow.length > 0 }).toEqual({ rewritten, read, slow: isSlow });
      const named = linted.locks.filter(({ lock }) => !UNNOTICED.has(lock)).map(({ table, lock }) => [table, lock]);
      expect(Object.fromEntries(named)).toEqual(locks);
    });
  });
}
