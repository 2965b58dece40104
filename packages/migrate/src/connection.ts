import pg from 'pg';
import { MigrationError } from './errors.ts';

/** Opens a connection of its own. Throws a sentence that says why the database does not let us in. */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    throw new MigrationError(`The database does not let us in: ${reasonOf(cause)}`, { cause });
  }
}

/** A name with several addresses is refused once for each, under an error without a message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
