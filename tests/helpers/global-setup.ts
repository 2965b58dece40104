import pg from 'pg';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** An administrator's URL of the run's throw-away server. */
    postgres_url: string;
    /** A database at head, to clone from. */
    template_database: string;
  }
}

export async function setup(project: TestProject): Promise<void> {
  const url = process.env.TEST_POSTGRES_URL ?? 'postgresql://postgres:root@127.0.0.1:55432/postgres';
  const client = new pg.Client(url);
  await client.connect();
  await client.end();
  project.provide('postgres_url', url);
  project.provide('template_database', 'smoke');
}
