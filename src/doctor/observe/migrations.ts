import type { Difference } from 'pg-revisions';
import { createMigrator, type Migrator } from 'pg-revisions';
import type { DatabaseConfig } from '../../app/config.ts';
import { REVISIONS } from '../../app/database/revisions-directory.ts';
import type { Look, Migrations } from '../observation.ts';
import type { Connections } from './connections.ts';
import type { Looker } from './deadline.ts';
import { type Comparison, startComparison } from './drift.ts';

const NOTHING: Migrations = { pending: [], unknown: undefined, differences: [], uncompared: undefined };

interface Way {
  config: DatabaseConfig;
  look: Looker;
  withinMs: number;
  /** How models and database are compared. */
  compare?: (config: DatabaseConfig) => Comparison;
}

/** Where the database stands against the files, and where it stands at head: whether it is still what the models say. */
export async function observeMigrations(
  connections: Connections,
  { config, look, withinMs, compare = startComparison }: Way,
): Promise<Look<Migrations>> {
  const state = await look(withinMs, () => standing(connections, config));
  if ('failure' in state) return state;
  const { pending, unknown, differences } = state.seen;
  // Against a database that lacks revisions everything in them would be a difference.
  if (pending.length > 0 || differences.length > 0 || unknown !== undefined) return state;
  const comparison = compare(config);
  const compared = await look(Number.POSITIVE_INFINITY, () => comparison.answer);
  await comparison.stop();
  return {
    seen: { ...NOTHING, ...('seen' in compared ? { differences: compared.seen } : { uncompared: compared.failure }) },
  };
}

async function standing({ open }: Connections, config: DatabaseConfig): Promise<Migrations> {
  const connect = () => open();
  const migrator = createMigrator({ ...REVISIONS, connect, schema: config.database_schema });
  try {
    const differences = await unfinished(migrator);
    return { ...NOTHING, differences, pending: await migrator.pending(await open()) };
  } catch (error) {
    const isOurs = error instanceof Error && error.name === 'MigrationError';
    if (!isOurs) throw error;
    return { ...NOTHING, unknown: error.message };
  }
}

async function unfinished(migrator: Migrator): Promise<Difference[]> {
  const { unfinished } = await migrator.current();
  if (unfinished === undefined) return [];
  const { id, direction, statements_done } = unfinished;
  const what = `revision ${id} stopped after statement ${statements_done} of its ${direction}`;
  return [{ between: 'migrations and database', what, remedy: `npx back ${direction}, the same as before` }];
}
