import { createMigrator, type Migrator, type MigratorOptions } from 'pg-revisions';
import { type DatabaseConfig, loadDatabaseConfig, readEnvironment } from '../../app/config.ts';
import { connectClient } from '../../app/database/client.ts';
import { MIGRATIONS } from '../../app/database/migrations.ts';

/** The project's migrator on the configured database. */
export function projectMigrator(listeners: Pick<MigratorOptions, 'onStep' | 'onWait'> = {}): Migrator {
  const config: DatabaseConfig = loadDatabaseConfig(readEnvironment());
  return createMigrator({
    directory: MIGRATIONS,
    connect: () => connectClient(config),
    schema: config.database_schema,
    models: async () => (await import('../../app/models/index.ts')).models,
    objects: async () => (await import('../../app/models/index.ts')).objects,
    ...listeners,
  });
}

/** Tells the terminal what a run does: a line for each revision with its time, and what it waits for. */
export function progress(): Pick<MigratorOptions, 'onStep' | 'onWait'> {
  return {
    onStep: ({ direction, revision, duration_ms }) =>
      console.log(`${direction} ${revision.id}  ${revision.message}  (${Math.round(duration_ms)} ms)`),
    onWait: (reason) => console.error(`waiting: ${reason}`),
  };
}
