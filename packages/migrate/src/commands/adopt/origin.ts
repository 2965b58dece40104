import type pg from 'pg';
import { MigrationError } from '../../errors.ts';

/** The tool that has migrated a database until now, by the table that it keeps. */
export interface Origin {
  tool: 'Alembic' | 'Prisma' | 'TypeORM' | 'drizzle-kit' | 'nobody';
  /** Alembic's revision: the first revision here takes its id, so that the database is at it already. */
  version?: string;
  /** The checksums of drizzle-kit's migrations that have run, oldest first. */
  hashes: readonly string[];
}

/** Looks for the tables of other tools. Throws a sentence if one of them is not at its end. */
export async function originOf(client: pg.Client, schema: string): Promise<Origin> {
  const { rows } = await client.query(
    `select relname as table, c.oid::regclass::text as name,
            (select string_agg(attname, ',' order by attname) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns
       from pg_class c join pg_namespace n on n.oid = relnamespace
      where relkind = 'r' and (nspname in ($1, 'drizzle')
        and relname in ('__drizzle_migrations', '_prisma_migrations', 'migrations', 'alembic_version'))`,
    [schema],
  );
  const nameOf = (table: string): string | undefined => rows.find((row) => row.table === table)?.name;
  const drizzle = nameOf('__drizzle_migrations');
  if (drizzle !== undefined) return { tool: 'drizzle-kit', hashes: await hashesIn(client, drizzle) };
  const prisma = nameOf('_prisma_migrations');
  if (prisma !== undefined) return fromPrisma(client, prisma);
  const alembic = nameOf('alembic_version');
  if (alembic !== undefined) return fromAlembic(client, alembic);
  const isTypeorm = rows.some(({ table, columns }) => table === 'migrations' && columns === 'id,name,timestamp');
  return { tool: isTypeorm ? 'TypeORM' : 'nobody', hashes: [] };
}

/** What stands in the database and in no model: it has to be declared in `objects`, or a new database lacks it. */
export async function undescribed(client: pg.Client, schema: string): Promise<string[]> {
  const { rows } = await client.query(
    `select 'trigger ' || tgname || ' of ' || tgrelid::regclass as what from pg_trigger join pg_class c on c.oid = tgrelid
       where not tgisinternal and relnamespace = to_regnamespace($1)
     union all
     select case prokind when 'p' then 'procedure ' else 'function ' end || p.oid::regprocedure from pg_proc p
       where pronamespace = to_regnamespace($1) and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
     union all
     select 'extension ' || extname from pg_extension where extname <> 'plpgsql'
     union all
     select 'partitioned table ' || oid::regclass from pg_class where relkind = 'p' and relnamespace = to_regnamespace($1)
     union all
     select 'comment of ' || objoid::regclass from pg_description join pg_class c on c.oid = objoid
       where classoid = 'pg_class'::regclass and relnamespace = to_regnamespace($1)
     order by 1`,
    [`"${schema}"`],
  );
  return [...new Set(rows.map(({ what }) => String(what)))];
}

async function hashesIn(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query(`select hash from ${table} order by created_at, id`);
  return rows.map(({ hash }) => String(hash));
}

async function fromPrisma(client: pg.Client, table: string): Promise<Origin> {
  const { rows } = await client.query(
    `select migration_name as name from ${table} where finished_at is null and rolled_back_at is null`,
  );
  if (rows.length === 0) return { tool: 'Prisma', hashes: [] };
  throw new MigrationError(
    `Prisma's migration ${rows[0]?.name} has not come to its end: finish it with prisma migrate deploy, or settle it with prisma migrate resolve, and adopt then`,
  );
}

async function fromAlembic(client: pg.Client, table: string): Promise<Origin> {
  const { rows } = await client.query(`select version_num from ${table}`);
  if (rows.length > 1)
    throw new MigrationError(
      `Alembic has ${rows.length} heads here (${rows.map(({ version_num }) => version_num).join(', ')}): join them with alembic merge, and adopt then`,
    );
  const version = rows[0]?.version_num;
  return { tool: 'Alembic', hashes: [], ...(version !== undefined && { version: String(version) }) };
}
