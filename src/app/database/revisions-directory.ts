import { join } from 'node:path';

/** The revisions that this code needs. */
export const MIGRATIONS = join(import.meta.dirname, '../../../migrations/versions');
