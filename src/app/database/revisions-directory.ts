import { join } from 'node:path';

/** The revisions that this code needs. */
export const MIGRATIONS = join(import.meta.dirname, '../../../migrations/versions');

/** Where the migrator finds them, and the table that it keeps beside Alembic's. */
export const REVISIONS = { directory: MIGRATIONS, recordsTable: 'back_revisions' } as const;
