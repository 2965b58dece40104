import type { Entity, Snapshot } from '../autogenerate/snapshot.ts';
import { type Grammar, SyntaxProblem } from '../sql/grammar.ts';
import { as, columnsIn } from './ast.ts';
import type { Column, SnapshotFacts } from './catalog.ts';
import { type ColumnType, typeOf } from './column-type.ts';
import { keyOf, type Relation } from './relation.ts';

/** What a snapshot knows of columns and indexes; it is read when it is asked. */
export function snapshotFacts(grammar: Grammar, read: () => Snapshot | undefined): SnapshotFacts {
  let ddl: readonly Entity[] | undefined;
  const entities = (): readonly Entity[] => {
    ddl ??= read()?.ddl ?? [];
    return ddl;
  };
  const isOf = ({ schema, name }: Relation, entity: Entity): boolean =>
    entity.table === name && (entity.schema ?? 'public') === schema;
  return {
    column: (relation, name) => {
      const found = entities().find(
        (entity) => entity.entityType === 'columns' && entity.name === name && isOf(relation, entity),
      );
      return found === undefined ? undefined : columnIn(grammar, found);
    },
    indexed: (relation) => {
      const isKnown = entities().some((entity) => entity.entityType === 'columns' && isOf(relation, entity));
      if (!isKnown) return undefined;
      const own = entities().filter(
        (entity) => ['indexes', 'uniques', 'pks'].includes(entity.entityType) && isOf(relation, entity),
      );
      return new Set(own.flatMap(({ columns }) => columnNames(columns)));
    },
    hasExpressionOn: (relation, column) =>
      entities()
        .filter((entity) => entity.entityType === 'indexes' && isOf(relation, entity))
        .flatMap((entity) => expressionsOf(entity))
        .some((expression) => namedIn(grammar, expression).includes(column)),
  };
}

function columnIn(grammar: Grammar, { type, typeSchema, dimensions, notNull }: Entity): Column {
  const written =
    typeof typeSchema === 'string' ? `${keyOf({ schema: typeSchema, name: String(type) })}` : String(type);
  const known = typeFrom(grammar, written);
  const is_array = Number(dimensions ?? 0) > 0;
  return { type: known && { ...known, is_array: known.is_array || is_array }, is_not_null: notNull === true };
}

function typeFrom(grammar: Grammar, written: string): ColumnType | undefined {
  try {
    const [statement] = grammar.parse(`select null::${written}`);
    const target = as(as(statement?.node, 'SelectStmt')?.targetList?.[0], 'ResTarget');
    return typeOf(as(target?.val, 'TypeCast')?.typeName);
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined;
    throw error;
  }
}

function expressionsOf({ columns, where }: Entity): string[] {
  const parts = Array.isArray(columns) ? columns.filter((column) => column?.isExpression === true) : [];
  return [...parts.map(({ value }) => String(value)), ...(typeof where === 'string' ? [where] : [])];
}

function namedIn(grammar: Grammar, expression: string): string[] {
  try {
    return columnsIn(grammar.parse(`select ${expression}`).map(({ node }) => node));
  } catch (error) {
    if (error instanceof SyntaxProblem) return [];
    throw error;
  }
}

/** drizzle-kit writes an index's columns as objects and a key's as names. */
function columnNames(columns: unknown): string[] {
  if (!Array.isArray(columns)) return [];
  return columns.map((column: unknown) =>
    typeof column === 'object' && column !== null && 'value' in column ? String(column.value) : String(column),
  );
}
