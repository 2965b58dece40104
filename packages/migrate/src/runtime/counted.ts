import type pg from 'pg';

/** What a text of several statements came to. */
export interface Counted {
  result?: unknown;
  error?: unknown;
  /** The number of statements that came to their end. */
  completed: number;
}

/** Runs a text of several statements and counts those that come to their end. */
export async function counted(client: pg.Client, text: string): Promise<Counted> {
  let completed = 0;
  const count = (): void => void completed++;
  client.connection.on('commandComplete', count);
  try {
    const result = await client.query(text);
    return { result, completed };
  } catch (error) {
    return { error, completed };
  } finally {
    client.connection.off('commandComplete', count);
  }
}
