import { is, isTable, SQL, Subquery } from 'drizzle-orm';
import {
  getMaterializedViewConfig,
  getTableConfig,
  getViewConfig,
  isPgMaterializedView,
  isPgView,
  PgPolicy,
  PgRole,
  PgTable,
} from 'drizzle-orm/pg-core';
import { MigrationError } from '../errors.ts';
import { schemaNameOf } from './collect.ts';
import type { DeclaredObjects } from './objects.ts';
import { dotted } from './paths.ts';
import type { Snapshot } from './snapshot.ts';
import { wordsIn } from './words.ts';

const POLICY_TABLE = '_linkedTable';
const EXISTING_ROLE = '_existing';
const ORIGINAL_NAME = Symbol.for('drizzle:OriginalName');

interface Known {
  objects: DeclaredObjects;
  before: Snapshot | undefined;
}

/** One model that needs another one. */
interface Reference {
  /** What needs it, as a sentence begins. */
  by: string;
  to: { kind: 'table' | 'view' | 'role'; schema: string; name: string };
}

/**
 * Throws if a model needs a table, a view or a role that is not among the models: the revision would name what no revision makes.
 * A schema without a model belongs to another program, and so do its tables.
 */
export function refuseUnregistered(models: Record<string, unknown>, { objects, before }: Known): void {
  const all = Object.values(models);
  const registered = new Set(all.map((model) => keyOf(model)));
  const own = new Set(['public', ...all.map((model) => schemaNameOf(model))]);
  const declared = wordsIn(...Object.values(objects).map(({ create }) => create));
  for (const { by, to } of all.flatMap((model) => referencesOf(model))) {
    const { kind, schema, name } = to;
    if (registered.has(`${kind} ${schema}.${name}`) || declared.has(name)) continue;
    if (kind === 'role' ? isRoleOf(before, name) : !own.has(schema)) continue;
    const remedy =
      kind === 'role'
        ? `add it there, or say that the cluster has it: pgRole('${name}').existing()`
        : 'add it there, or declare in objects the statement that makes it';
    throw new MigrationError(`${by} ${kind} ${dotted([schema, name])}, which is not among the models: ${remedy}`);
  }
}

function referencesOf(model: unknown): Reference[] {
  if (is(model, PgTable)) return ofTable(model);
  if (is(model, PgPolicy)) return ofPolicy(model);
  if (!isPgView(model) && !isPgMaterializedView(model)) return [];
  const { name, schema = 'public', query } = isPgView(model) ? getViewConfig(model) : getMaterializedViewConfig(model);
  return sourcesOf(query).map((to) => ({ by: `view ${dotted([schema, name])} reads`, to }));
}

function ofTable(table: PgTable): Reference[] {
  const { name, schema = 'public', foreignKeys, policies } = getTableConfig(table);
  const keys = foreignKeys.map((key) => ({
    by: `foreign key ${dotted([schema, name, key.getName()])} refers to`,
    to: placeOf(key.reference().foreignTable),
  }));
  return [...keys, ...policies.flatMap((policy) => rolesOf(policy))];
}

function ofPolicy(policy: PgPolicy): Reference[] {
  const table = Reflect.get(policy, POLICY_TABLE);
  const linked = isTable(table) ? [{ by: `policy ${policy.name} is of`, to: placeOf(table) }] : [];
  return [...linked, ...rolesOf(policy)];
}

/** The roles that are written as models; a text is the name of a role that the cluster has. */
function rolesOf({ name, to }: PgPolicy): Reference[] {
  return [to].flat().flatMap((role) => {
    if (!is(role, PgRole) || Reflect.get(role, EXISTING_ROLE) === true) return [];
    return [{ by: `policy ${name} is for`, to: { kind: 'role', schema: 'public', name: role.name } } as const];
  });
}

/** The tables and views that a query reads, however deep. */
function sourcesOf(chunk: unknown): Reference['to'][] {
  if (is(chunk, SQL)) return chunk.queryChunks.flatMap((inner) => sourcesOf(inner));
  if (is(chunk, Subquery)) return sourcesOf(chunk._.sql);
  if (Array.isArray(chunk)) return chunk.flatMap((inner) => sourcesOf(inner));
  return isTable(chunk) || isPgView(chunk) || isPgMaterializedView(chunk) ? [placeOf(chunk)] : [];
}

function placeOf(model: object): Reference['to'] {
  const kind = isTable(model) ? 'table' : 'view';
  return { kind, schema: schemaNameOf(model) ?? 'public', name: nameOf(model) };
}

function keyOf(model: unknown): string {
  if (is(model, PgRole)) return `role public.${model.name}`;
  if (!isTable(model) && !isPgView(model) && !isPgMaterializedView(model)) return '';
  const { kind, schema, name } = placeOf(model);
  return `${kind} ${schema}.${name}`;
}

/** An alias in a query has a name of its own. */
function nameOf(model: object): string {
  if (isPgView(model)) return getViewConfig(model).originalName;
  if (isPgMaterializedView(model)) return getMaterializedViewConfig(model).originalName;
  return String(Reflect.get(model, ORIGINAL_NAME));
}

function isRoleOf(before: Snapshot | undefined, name: string): boolean {
  return (
    before?.ddl.some(
      ({ entityType, roles }) => entityType === 'policies' && Array.isArray(roles) && roles.includes(name),
    ) ?? false
  );
}
