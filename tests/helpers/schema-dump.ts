import type pg from 'pg';

/**
 * Everything that the catalogue knows about the user's schemas, as text: equal dumps mean equal schemas, down to the order of
 * columns and enum values. PostgreSQL's own functions write the definitions, so it needs no program beside the server.
 */
export async function dumpSchema(client: pg.Client): Promise<string> {
  const parts: string[] = [];
  for (const [title, sql] of Object.entries(QUERIES)) {
    const { rows } = await client.query<{ line: string }>({ text: sql });
    parts.push(`-- ${title}`, ...rows.map(({ line }) => line));
  }
  return `${parts.join('\n')}\n`;
}

const OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
const NOT_VERSION = `c.relname !~ '^(alembic_version|applied_revisions|back_revisions)'`;
const NOT_OF_EXTENSION = (catalogue: string, oid: string) =>
  `not exists (select 1 from pg_depend x where x.classid = '${catalogue}'::regclass and x.objid = ${oid} and x.deptype = 'e')`;

const QUERIES = {
  schemas: `select format('%s owner=%s', n.nspname, n.nspowner::regrole) as line from pg_namespace n where ${OURS} order by 1`,
  extensions: `select format('%s %s', extname, extnamespace::regnamespace) as line from pg_extension order by 1`,
  types: `
    select format('%s.%s enum (%s)', n.nspname, t.typname, string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)) as line
      from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_enum e on e.enumtypid = t.oid
     where ${OURS} group by n.nspname, t.typname order by 1`,
  relations: `
    select format('%s.%s kind=%s persistence=%s rls=%s/%s replica=%s options=%s access=%s owner=%s', n.nspname, c.relname, c.relkind, c.relpersistence,
           c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reloptions, c.relam, c.relowner::regrole) as line
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where ${OURS} and ${NOT_VERSION} and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and ${NOT_OF_EXTENSION('pg_class', 'c.oid')} order by 1`,
  columns: `
    select format('%s.%s #%s %s %s collation=%s null=%s default=%s identity=%s generated=%s storage=%s statistics=%s', n.nspname, c.relname,
           row_number() over (partition by c.oid order by a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
           a.attcollation::regcollation, not a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
           a.attstorage, coalesce(a.attstattarget, -1)) as line
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where ${OURS} and ${NOT_VERSION} and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped
     order by n.nspname, c.relname, a.attnum`,
  constraints: `
    select format('%s.%s %s %s validated=%s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated) as line
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where ${OURS} and ${NOT_VERSION} and k.contype <> 'n' order by 1`,
  indexes: `
    select format('%s valid=%s clustered=%s replident=%s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered, i.indisreplident) as line
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
     where ${OURS} and ${NOT_VERSION} order by 1`,
  sequences: `
    select format('%s.%s %s start=%s min=%s max=%s by=%s cycle=%s cache=%s owner=%s', n.nspname, c.relname, format_type(s.seqtypid, null), s.seqstart,
           s.seqmin, s.seqmax, s.seqincrement, s.seqcycle, s.seqcache,
           (select d.refobjid::regclass || '.' || x.attname from pg_depend d join pg_attribute x on x.attrelid = d.refobjid and x.attnum = d.refobjsubid where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i'))) as line
      from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace where ${OURS} order by 1`,
  views: `
    select format('%s.%s %s', n.nspname, c.relname, pg_get_viewdef(c.oid)) as line
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and c.relkind in ('v', 'm') order by 1`,
  policies: `
    select format('%s.%s %s %s %s to=%s using=%s check=%s', p.schemaname, p.tablename, p.policyname, p.permissive, p.cmd, p.roles, p.qual, p.with_check) as line
      from pg_policies p order by 1`,
  functions: `
    select pg_get_functiondef(p.oid) as line from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where ${OURS} and p.prokind in ('f', 'p') and ${NOT_OF_EXTENSION('pg_proc', 'p.oid')} order by 1`,
  triggers: `
    select pg_get_triggerdef(t.oid) || ' enabled=' || t.tgenabled::text as line from pg_trigger t join pg_class c on c.oid = t.tgrelid
      join pg_namespace n on n.oid = c.relnamespace where ${OURS} and not t.tgisinternal order by 1`,
  comments: `
    select format('%s: %s', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description) as line
      from pg_description d left join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
      left join pg_namespace n on n.oid = c.relnamespace where c.oid is not null and ${OURS} order by 1`,
  'comments on types': `
    select format('%s: %s', t.typname, d.description) as line from pg_description d join pg_type t on t.oid = d.objoid and d.classoid = 'pg_type'::regclass
      join pg_namespace n on n.oid = t.typnamespace where ${OURS} order by 1`,
  grants: `
    select format('%s.%s %s', n.nspname, c.relname, c.relacl) as line from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where ${OURS} and ${NOT_VERSION} and c.relacl is not null order by 1`,
} as const;
