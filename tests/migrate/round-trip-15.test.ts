import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { pgDump, postgres15 } from '../helpers/postgres-15.ts';
import { roundTrip } from '../helpers/round-trip.ts';
import { casesOf } from '../helpers/short-form.ts';
import { catalogue } from './catalogue/index.ts';

const title = 'a change of the models, forth, back and forth on PostgreSQL 15';
const hasDump = postgres15 !== undefined && existsSync(join(postgres15, 'pg_dump'));

describe.skipIf(postgres15 === undefined)(
  postgres15 === undefined ? `${title} (skipped: PostgreSQL 15 is not installed)` : title,
  () => {
    let server: EmbeddedPostgres;
    let project: MigrationProject;

    beforeAll(async () => {
      server = await startThrowAwayPostgres({ ...(postgres15 !== undefined && { binaries: postgres15 }) });
      project = await createProject({ server: server.url });
    });
    beforeEach(() => project.reset());
    afterAll(async () => {
      await project?.end();
      await server?.stop();
    });

    it('is made on version 15', async () => {
      expect(await project.sql('show server_version_num')).toEqual([
        { server_version_num: expect.stringMatching(/^15/) },
      ]);
    });

    // The catalogue's own view of the schema everywhere, and the real pg_dump where it stands beside the server.
    it.each(casesOf(catalogue, 24, 1))('$name', async (change) => {
      await roundTrip(project, change, hasDump ? () => pgDump(project.url) : undefined);
    });
  },
);
