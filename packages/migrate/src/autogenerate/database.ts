import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import { MigrationError } from '../errors.ts';
import type { Entity, Snapshot } from './snapshot.ts';

/** What is read of a database. */
export interface Read {
  /** The first one is the one without a name in the models. */
  schemas: readonly string[];
  /** The tables of this tool, which no model describes. */
  own: readonly string[];
}

/** The state of a live database, as if models had described it; `schema` is read as the one without a name. */
export async function snapshotOfDatabase(client: pg.Client, { schemas, own }: Read): Promise<Snapshot> {
  const [schema = 'public'] = schemas;
  const folder = mkdtempSync(join(tmpdir(), 'pg-revisions-pull-'));
  try {
    const config = join(folder, 'drizzle.config.mjs');
    const settings = {
      ...pullConfig(client, folder, schemas),
      tablesFilter: await tablesOfModels(client, { schemas, own }),
    };
    writeFileSync(config, `export default ${JSON.stringify(settings)};`, { mode: 0o600 });
    await pull(config);
    const [snapshot] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('snapshot.json'),
    );
    if (snapshot === undefined)
      throw new MigrationError('The database could not be read: drizzle-kit wrote no snapshot');
    const { id, prevIds, ddl, version, dialect } = JSON.parse(readFileSync(join(folder, snapshot), 'utf8'));
    return { version, dialect, id, prevIds, ddl: withoutSchema(ddl, schema, own) } as Snapshot;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What other migration tools keep; TypeORM's `migrations` is known by its columns, since others use that name too. */
const TABLES_OF_OTHER_TOOLS = ['_prisma_migrations', '__drizzle_migrations', 'typeorm_metadata'];

/** drizzle-kit's filter that leaves out what no model describes: the tables of migration tools, and partitions, which are their table's storage. */
export async function tablesOfModels(client: pg.Client, { schemas, own }: Read): Promise<string[]> {
  const { rows } = await client.query(
    `select relname from pg_class c where relkind in ('r', 'p') and relnamespace in (select oid from pg_namespace where nspname = any($1))
        and (relispartition or (relname = 'migrations' and 'id,name,timestamp' =
          (select string_agg(attname, ',' order by attname) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped)))`,
    [schemas],
  );
  return [...own, ...TABLES_OF_OTHER_TOOLS, ...rows.map(({ relname }) => String(relname))].map((table) => `!${table}`);
}

function pullConfig(
  { host, port, user, password, database, ssl }: pg.Client,
  out: string,
  schemas: readonly string[],
): object {
  return {
    dialect: 'postgresql',
    out,
    dbCredentials: { host, port, user, password, database, ssl: ssl !== false },
    schemaFilter: schemas,
  };
}

/** drizzle-kit reads a database only by its command. */
async function pull(config: string): Promise<void> {
  const command = join(dirname(createRequire(import.meta.url).resolve('drizzle-kit')), 'bin.cjs');
  try {
    await promisify(execFile)(process.execPath, [command, 'pull', '--config', config, '--output', 'json'], {
      cwd: dirname(config),
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new MigrationError(`The database could not be read by drizzle-kit pull:\n${`${stdout}${stderr}`.trim()}`, {
      cause: error,
    });
  }
}

function withoutSchema(ddl: readonly Entity[], schema: string, own: readonly string[]): Entity[] {
  const unqualified = (name: unknown): unknown => (name === schema ? 'public' : name);
  return ddl
    .filter(({ entityType, name }) => !(entityType === 'schemas' && name === schema))
    .filter(
      ({ table, name, entityType }) =>
        !own.some((mine) => mine === table || (entityType === 'tables' && mine === name)),
    )
    .map((item) => {
      const copy: Entity = { ...item };
      for (const key of ['schema', 'schemaTo', 'typeSchema']) if (key in copy) copy[key] = unqualified(copy[key]);
      return copy;
    });
}
