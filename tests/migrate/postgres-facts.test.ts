import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import type { EmbeddedPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { factsModule, postgresFacts } from '../../packages/migrate/scripts/postgres-facts.ts';
import { BINARY_CASTS, STEADY_FUNCTIONS } from '../../packages/migrate/src/lint/postgres-facts.ts';
import { connectTo } from '../helpers/migrations.ts';
import { postgres15 } from '../helpers/postgres-15.ts';

const MODULE = join(import.meta.dirname, '../../packages/migrate/src/lint/postgres-facts.ts');

async function factsOf(url: string): ReturnType<typeof postgresFacts> {
  const client: pg.Client = await connectTo(url);
  try {
    return await postgresFacts(client);
  } finally {
    await client.end();
  }
}

describe('what lint knows of PostgreSQL', () => {
  let own: EmbeddedPostgres | undefined;
  afterAll(() => own?.stop());

  it('is what version 17 says', async () => {
    expect(readFileSync(MODULE, 'utf8')).toBe(factsModule(await factsOf(inject('postgres_url'))));
  });

  it.skipIf(postgres15 === undefined || !existsSync(postgres15))('holds on version 15 too', async () => {
    own = await startThrowAwayPostgres({ ...(postgres15 !== undefined && { binaries: postgres15 }) });
    const { volatile, binary_casts } = await factsOf(own.url);
    const steady = new Set(STEADY_FUNCTIONS.trim().split(/\s+/));
    expect(volatile.filter((name) => steady.has(name))).toEqual([]);
    expect(binary_casts).toEqual(BINARY_CASTS.trim().split(/\s+/));
  });
});
