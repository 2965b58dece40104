import { type Finding, fail, ok, warn } from '../finding.ts';
import type { RoleFacts } from '../observation.ts';

const POWERS: [power: keyof RoleFacts, name: string][] = [
  ['is_superuser', 'SUPERUSER'],
  ['may_create_roles', 'CREATEROLE'],
  ['may_create_databases', 'CREATEDB'],
  ['may_replicate', 'REPLICATION'],
  ['may_bypass_row_security', 'BYPASSRLS'],
];

/** The rights that the application needs on a table, if it does not need all; the owner has the others (deploy/roles.sql). */
const NEEDED: Readonly<Record<string, string>> = {
  alembic_version: 'SELECT',
  back_revisions: 'SELECT',
  audit_chains: 'SELECT',
  audit_cuts: 'SELECT',
  audit_events: 'SELECT, INSERT',
};
const EVERYTHING = 'SELECT, INSERT, UPDATE, DELETE';

/** Whether the role can do what the application needs, and little more. */
export function checkRole(role: RoleFacts, { schema, isAtHome }: { schema: string; isAtHome: boolean }): Finding[] {
  return [powers(role, { schema, isAtHome }), reach(role, schema)];
}

function powers(role: RoleFacts, { schema, isAtHome }: { schema: string; isAtHome: boolean }): Finding {
  const check = 'role';
  const held = POWERS.filter(([power]) => role[power] === true).map(([, name]) => name);
  if (held.length === 0) return ok(check, `${role.name} has no power over the server`);
  const sentence = `${role.name} has ${held.join(', ')}`;
  if (isAtHome) return ok(check, `${sentence}; for development on this machine that is good enough`);
  return warn(
    check,
    `${sentence}: an attacker who takes over the application has the server`,
    `psql -f deploy/roles.sql as the owner of the schema ${schema}: it makes back_app, a role of few rights; give it a password`,
    `then name back_app in DATABASE_URL, migrate as ${role.name}, and as the owner every day: npx back audit prune (docs/guides/deploy.md)`,
  );
}

function reach({ name, out_of_reach }: RoleFacts, schema: string): Finding {
  if (out_of_reach.length === 0) return ok('privileges', `${name} reaches every table of the schema ${schema}`);
  return fail(
    'privileges',
    `${name} may not read and write ${out_of_reach.join(', ')}`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${name};`,
    ...out_of_reach.map((table) => `GRANT ${NEEDED[table] ?? EVERYTHING} ON ${schema}."${table}" TO ${name};`),
  );
}
