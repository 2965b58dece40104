import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { factsModule, postgresFacts } from './postgres-facts.ts';

const [url] = process.argv.slice(2);
if (url === undefined)
  throw new Error('node packages/migrate/scripts/write-postgres-facts.ts postgresql://…, a PostgreSQL 17');
const client = new pg.Client(url);
await client.connect();
writeFileSync(join(import.meta.dirname, '../src/lint/postgres-facts.ts'), factsModule(await postgresFacts(client)));
await client.end();
