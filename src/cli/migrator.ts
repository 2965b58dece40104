import { MIGRATIONS } from '../app/app.ts';
import { loadDatabaseConfig, readEnvironment } from '../app/config.ts';
import { connectClient } from '../app/database.ts';
import { models } from '../app/models/index.ts';
import { createMigrator, type Migrator } from '../migrate/migrator.ts';

/** The project's migrator, on the configured database; it prints each step as it is done. */
export function projectMigrator(): Migrator {
  const config = loadDatabaseConfig(readEnvironment());
  return createMigrator({
    directory: MIGRATIONS,
    connect: () => connectClient(config),
    schema: config.database_schema,
    models,
    onStep: ({ direction, revision, duration_ms }) =>
      console.log(`${direction} ${revision.id}  ${revision.message}  (${Math.round(duration_ms)} ms)`),
  });
}
