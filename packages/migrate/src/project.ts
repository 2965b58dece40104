import type pg from 'pg';
import type { DeclaredObjects } from './autogenerate/objects.ts';
import { explained } from './runtime/rights.ts';
import type { Step } from './runtime/run.ts';

/** What the library is given: it knows no more of the program that it migrates for. */
export interface Project {
  /** Folder of the revisions' folders. */
  directory: string;
  /** Opens a connection of its own; the migrator ends it. */
  connect: () => Promise<pg.Client>;
  /** Where the tables and the version tables live; unqualified names in the revisions mean it. */
  schema: string;
  /** The name of the table beside Alembic's. */
  recordsTable: string;
  /** The drizzle tables, enums, views … to compare with; loaded only when something is compared. */
  models: () => Promise<Record<string, unknown>>;
  /** What drizzle cannot describe (triggers, functions, covering indexes …), as SQL. */
  objects: () => Promise<DeclaredObjects>;
  /** The labels of the branches that come from elsewhere. */
  upstream: readonly string[];
  /** What a person types before a verb. */
  command: string;
  /** Told after each revision. */
  onStep?: ((step: Step) => void) | undefined;
  /** Told in a sentence when a run has to wait. */
  onWait?: ((reason: string) => void) | undefined;
}

/** Runs `work` with a connection and ends it. */
export async function connected<T>(
  { connect, schema, recordsTable }: Pick<Project, 'connect' | 'schema' | 'recordsTable'>,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect();
  // A lost connection shows in the query that it breaks; without a listener it would end the process.
  client.on('error', () => {});
  try {
    return await work(client);
  } catch (error) {
    throw explained(error, { schema, recordsTable, user: client.user });
  } finally {
    await client.end().catch(() => {});
  }
}
