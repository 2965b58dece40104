import { join } from 'node:path';
import { createMigrator, type Migrator, type MigratorOptions } from 'pg-revisions';
import { type DatabaseConfig, loadDatabaseConfig, readEnvironment } from '../app/config.ts';
import { connectClient } from '../app/database/client.ts';
import { REVISIONS } from '../app/database/revisions-directory.ts';

/** The project's migrator on the configured database. */
export function projectMigrator(listeners: Pick<MigratorOptions, 'onStep' | 'onWait'> = {}): Migrator {
  const config: DatabaseConfig = loadDatabaseConfig(readEnvironment());
  return createMigrator({
    command: 'npx back',
    upstream: ['kit'],
    ...REVISIONS,
    connect: () => connectClient(config),
    schema: config.database_schema,
    modelsDirectory: join(import.meta.dirname, '../app/models'),
    sourcesDirectory: join(import.meta.dirname, '../app'),
    models: async () => (await import('../app/models/index.ts')).models,
    objects: async () => (await import('../app/models/index.ts')).objects,
    ...listeners,
  });
}
