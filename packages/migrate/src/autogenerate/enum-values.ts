import { isPgEnum } from 'drizzle-orm/pg-core';
import { literal } from '../runtime/versions.ts';
import { withUsed } from './collect.ts';
import { type NameAnswers, unclear } from './names.ts';
import type { Entity, Snapshot } from './snapshot.ts';

/** An enum's value under a new name. */
export interface ValueRename {
  schema: string;
  enum: string;
  from: string;
  to: string;
}

/** The enum values that have a new name. A value that is new where another vanished is asked about: rows may hold the old one. */
export async function renamedValues(from: Snapshot, to: Snapshot, answers: NameAnswers): Promise<ValueRename[]> {
  const renames: ValueRename[] = [];
  for (const after of to.ddl.filter(({ entityType }) => entityType === 'enums')) {
    const before = from.ddl.find(
      ({ entityType, schema, name }) => entityType === 'enums' && schema === after.schema && name === after.name,
    );
    if (before === undefined) continue;
    const gone = valuesOf(before).filter((value) => !valuesOf(after).includes(value));
    for (const value of valuesOf(after).filter((value) => !valuesOf(before).includes(value))) {
      if (gone.length === 0) break;
      const old = await oldValue(after, { value, gone }, answers);
      if (old === undefined) continue;
      gone.splice(gone.indexOf(old), 1);
      renames.push({ schema: after.schema ?? 'public', enum: after.name, from: old, to: value });
    }
  }
  return renames;
}

/** The statements of such renames. */
export function renameValuesSql(renames: readonly ValueRename[]): string[] {
  return renames.map(({ schema, enum: name, from, to }) => {
    const type = schema === 'public' ? `"${name}"` : `"${schema}"."${name}"`;
    return `ALTER TYPE ${type} RENAME VALUE ${literal(from)} TO ${literal(to)};`;
  });
}

/** The state with the values of its enums in the order of the models, if they have the same ones: two branches that each add one have no order. */
export function withOrderOf(snapshot: Snapshot, models: Record<string, unknown>): Snapshot {
  const known = Object.values(withUsed(models, undefined)).filter((model) => isPgEnum(model));
  const ddl = snapshot.ddl.map((item) => {
    if (item.entityType !== 'enums') return item;
    const model = known.find(({ enumName, schema }) => enumName === item.name && (schema ?? 'public') === item.schema);
    const values = valuesOf(item);
    const isSame =
      model?.enumValues.length === values.length && values.every((value) => model.enumValues.includes(value));
    return isSame ? { ...item, values: [...model.enumValues] } : item;
  });
  return { ...snapshot, ddl };
}

/** drizzle-kit's statement for a new value, with the quotes in its values doubled. */
export function withQuotedValues(statements: readonly string[], { ddl }: Snapshot): string[] {
  const values = ddl.filter(({ entityType }) => entityType === 'enums').flatMap((item) => valuesOf(item));
  const raw = values.filter((value) => value.includes("'"));
  return statements.map((statement) => {
    if (!/^ALTER TYPE .* ADD VALUE /s.test(statement)) return statement;
    return raw.reduce((text, value) => text.replaceAll(`'${value}'`, literal(value)), statement);
  });
}

/** The state with the values renamed, in the types and in the defaults of their columns: PostgreSQL keeps these by identity. */
export function withRenamedValues(snapshot: Snapshot, renames: readonly ValueRename[]): Snapshot {
  return {
    ...snapshot,
    ddl: snapshot.ddl.map((item) => renames.reduce((entity, rename) => withRenamedValue(entity, rename), item)),
  };
}

/** The same renames backwards. */
export function inverted(renames: readonly ValueRename[]): ValueRename[] {
  return renames.map((rename) => ({ ...rename, from: rename.to, to: rename.from })).reverse();
}

function withRenamedValue(item: Entity, { schema, enum: name, from, to }: ValueRename): Entity {
  if (item.entityType === 'enums' && item.name === name && (item.schema ?? 'public') === schema)
    return { ...item, values: valuesOf(item).map((value) => (value === from ? to : value)) };
  const isOfType = item.entityType === 'columns' && item.type === name && (item.typeSchema ?? 'public') === schema;
  if (isOfType && item.default === literal(from)) return { ...item, default: literal(to) };
  return item;
}

async function oldValue(
  { schema = 'public', name }: Entity,
  { value, gone }: { value: string; gone: readonly string[] },
  { renamed, created, ask }: NameAnswers,
): Promise<string | undefined> {
  const type = schema === 'public' ? name : `${schema}.${name}`;
  const given = renamed.find(
    ({ from, to }) => (to === value || to === `${type}.${value}`) && gone.some((old) => from === `${type}.${old}`),
  );
  if (given !== undefined) return given.from.slice(type.length + 1);
  if (created.includes(`${type}.${value}`)) return undefined;
  const candidates = gone.map((old) => `${type}.${old}`);
  if (ask === undefined) throw unclear('enum value', `${type}.${value}`, candidates);
  return (await ask({ kind: 'enum value', name: `${type}.${value}`, candidates }))?.slice(type.length + 1);
}

function valuesOf(item: Entity): string[] {
  return Array.isArray(item.values) ? item.values.map(String) : [];
}
