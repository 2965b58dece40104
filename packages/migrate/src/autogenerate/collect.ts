import { getColumns, is, isTable } from 'drizzle-orm';
import {
  isPgEnum,
  isPgMaterializedView,
  isPgSchema,
  isPgSequence,
  isPgView,
  type PgEnum,
  PgTable,
  pgSchema,
} from 'drizzle-orm/pg-core';
import { MigrationError } from '../errors.ts';
import { LONGEST_NAME_BYTES } from './kit-text.ts';
import { dotted, pathOf } from './paths.ts';
import type { Entity, Snapshot } from './snapshot.ts';

const TABLE_SCHEMA = Symbol.for('drizzle:Schema');
const VIEW_CONFIG = Symbol.for('drizzle:ViewBaseConfig');

/**
 * The models with what they use and is not registered: the enums of their columns and the schemas that they stand in. A schema
 * in which the state before had tables without knowing it was made by hand, and stays that.
 */
export function withUsed(models: Record<string, unknown>, previous: Snapshot | undefined): Record<string, unknown> {
  const all = Object.values(models);
  const registered = new Set(all.filter((model) => isPgEnum(model)).map((model) => enumKey(model)));
  const enums = new Map(
    all
      .flatMap((model) => enumsOf(model))
      .filter((used) => !registered.has(enumKey(used)))
      .map((used) => [enumKey(used), used] as const),
  );
  const known = new Set(all.filter((model) => isPgSchema(model)).map(({ schemaName }) => schemaName));
  const used = new Set(
    [...all, ...enums.values()].map((model) => schemaNameOf(model)).filter((name) => name !== undefined),
  );
  const before = previous?.ddl ?? [];
  const isByHand = (name: string): boolean =>
    before.some(({ entityType, schema }) => entityType === 'tables' && schema === name) &&
    !before.some((item) => item.entityType === 'schemas' && item.name === name);
  const schemas = [...used].filter((name) => name !== 'public' && !known.has(name) && !isByHand(name));
  return {
    ...models,
    ...Object.fromEntries([...enums].map(([key, model]) => [`used enum ${key}`, model])),
    ...Object.fromEntries(schemas.map((name) => [`used schema ${name}`, pgSchema(name)])),
  };
}

/** Throws for a state that PostgreSQL could not hold as it is written: names too long, and sequences that nothing makes. */
export function refuseImpossible({ ddl, objects = {} }: Snapshot, before: Snapshot | undefined): void {
  const unreadable = ddl.find(({ entityType, name }) => entityType === 'schemas' && name.includes("'"));
  if (unreadable !== undefined)
    throw new MigrationError(
      `schema ${unreadable.name}: an apostrophe in its name cannot be compared; give it another`,
    );
  for (const item of ddl) {
    const bytes = Buffer.byteLength(item.name);
    if (bytes > LONGEST_NAME_BYTES && item.entityType !== 'privileges')
      throw new MigrationError(
        `${singular(item.entityType)} ${dotted(pathOf(item))}: its name has ${bytes} bytes, and PostgreSQL cuts it off after ${LONGEST_NAME_BYTES}; give it a shorter one`,
      );
  }
  for (const item of ddl) {
    const name = sequenceIn(item.default);
    if (name === undefined || isSequence(name, ddl) || before?.ddl.some((old) => sequenceIn(old.default) === name))
      continue;
    if (Object.values(objects).some(({ create }) => create.includes(name))) continue;
    throw new MigrationError(
      `column ${dotted(pathOf(item))} takes its default from the sequence ${name}, which is neither among the models nor among the objects: add it there`,
    );
  }
}

/** The schema that a model names; `undefined` if it names none. */
export function schemaNameOf(model: unknown): string | undefined {
  // drizzle's own objects, opened at the place of the schema.
  const open = model as Record<string | symbol, unknown>;
  if (isTable(model)) return open[TABLE_SCHEMA] as string | undefined;
  if (isPgView(model) || isPgMaterializedView(model))
    return (open[VIEW_CONFIG] as { schema?: string; isExisting?: boolean }).schema;
  if (isPgEnum(model) || isPgSequence(model)) return model.schema;
  return undefined;
}

type AnyEnum = PgEnum<[string, ...string[]]>;

function enumsOf(model: unknown): AnyEnum[] {
  if (!is(model, PgTable)) return [];
  return Object.values(getColumns(model))
    .map((column): unknown => ('enum' in column ? column.enum : undefined))
    .filter((used): used is AnyEnum => isPgEnum(used));
}

function enumKey({ schema, enumName }: Pick<AnyEnum, 'schema' | 'enumName'>): string {
  return `${schema ?? 'public'}.${enumName}`;
}

function sequenceIn(expression: unknown): string | undefined {
  if (typeof expression !== 'string') return undefined;
  return /\bnextval\('(?:"?[\w$]+"?\.)?"?([^"']+)"?'/i.exec(expression)?.[1];
}

function isSequence(name: string, ddl: readonly Entity[]): boolean {
  return ddl.some(({ entityType, name: other, table, type }) => {
    if (entityType === 'sequences') return other === name;
    return entityType === 'columns' && /serial$/.test(String(type)) && name === `${table}_${other}_seq`;
  });
}

function singular(entityType: string): string {
  return entityType.replace(/ies$/, 'y').replace(/xes$/, 'x').replace(/s$/, '');
}
