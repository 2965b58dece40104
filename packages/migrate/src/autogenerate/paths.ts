import type { Entity } from './snapshot.ts';

/** A name that changed, as paths: schema, table, name, as far as the kind has them. */
export interface Rename {
  kind: string;
  from: readonly string[];
  to: readonly string[];
}

const ENTITY_TYPE: Readonly<Record<string, string>> = {
  primary_key: 'pks',
  'foreign key': 'fks',
  index: 'indexes',
  policy: 'policies',
};

/** What the snapshots call a kind of question. */
export function entityTypeOf(kind: string): string {
  return ENTITY_TYPE[kind] ?? `${kind}s`;
}

/** A path as a person writes it. */
export function dotted(path: readonly string[]): string {
  return (path.length > 1 && path[0] === 'public' ? path.slice(1) : path).join('.');
}

/** Where an entity stands. */
export function pathOf({ entityType, schema, table, name }: Entity): string[] {
  if (entityType === 'schemas' || entityType === 'roles') return [name];
  return table === undefined ? [schema ?? 'public', name] : [schema ?? 'public', table, name];
}

/** A path of the old state with its schema and table as they are called now; its own name stays. */
export function inNewNames(path: readonly string[], used: readonly Rename[], kind: string): string[] {
  const [first = '', second = '', third] = path;
  if (path.length === 1) return [...path];
  const schema = used.find((rename) => rename.kind === 'schema' && rename.from[0] === first)?.to[0] ?? first;
  if (third === undefined || kind === 'table') return [schema, second, ...path.slice(2)];
  const [newSchema = schema, newTable = second] =
    used.find((rename) => rename.kind === 'table' && isSamePath(rename.from, [schema, second]))?.to ?? [];
  return [newSchema, newTable, third];
}

/** The same renames seen from the new state: each part in the names that its home has there. */
export function backwards(used: readonly Rename[]): Rename[] {
  return used.map(({ kind, from, to }) => {
    if (from.length < 3) return { kind, from: to, to: from };
    // A column's old path has its table's new name; on the way back the table has its old one again.
    const home =
      used.find((rename) => rename.kind === 'table' && isSamePath(rename.to, to.slice(0, 2)))?.from ?? to.slice(0, 2);
    return { kind, from: [...home, to.at(-1) ?? ''], to: [...home, from.at(-1) ?? ''] };
  });
}

/** True if both paths are the same, part for part. */
export function isSamePath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}
