import type pg from 'pg';

/** What lint knows of PostgreSQL's own functions and casts, as a live server has it. */
export async function postgresFacts(
  client: pg.Client,
): Promise<{ steady: string[]; volatile: string[]; binary_casts: string[] }> {
  // What only implements an operator or works inside of the server is never called by name.
  const functions = await client.query<{ name: string; is_volatile: boolean }>(
    `select proname as name, bool_or(provolatile = 'v') as is_volatile from pg_proc
      where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f'
        and coalesce(obj_description(oid, 'pg_proc'), '') !~ '^implementation of '
        and not (proargtypes::oid[] && array['internal'::regtype, 'cstring'::regtype]::oid[])
        and prorettype not in ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype, 'event_trigger'::regtype)
      group by proname`,
  );
  const casts = await client.query<{ name: string }>(
    `select s.typname || '>' || t.typname as name from pg_cast
       join pg_type s on s.oid = castsource join pg_type t on t.oid = casttarget
      where castmethod = 'b' and not (s.typname ~ '^(reg|pg_)' or t.typname ~ '^pg_')`,
  );
  const named = (is_volatile: boolean): string[] =>
    functions.rows
      .filter((row) => row.is_volatile === is_volatile)
      .map(({ name }) => name)
      .sort();
  return { steady: named(false), volatile: named(true), binary_casts: casts.rows.map(({ name }) => name).sort() };
}

/** The text of `src/lint/postgres-facts.ts`. */
export function factsModule({
  steady,
  binary_casts,
}: {
  steady: readonly string[];
  binary_casts: readonly string[];
}): string {
  return `// Written by scripts/write-postgres-facts.ts from PostgreSQL 17.

/** Functions of pg_catalog that have one value for a whole statement: immutable and stable ones. */
export const STEADY_FUNCTIONS = \`
${filled(steady)}
\`;

/** Pairs of types whose values are stored in the same way. */
export const BINARY_CASTS = \`
${filled(binary_casts)}
\`;
`;
}

function filled(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < 118) lines[lines.length - 1] = `${last} ${name}`;
    else lines.push(name);
  }
  return lines.join('\n');
}
