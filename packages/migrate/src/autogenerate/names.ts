import { MigrationError } from '../errors.ts';
import { dotted, entityTypeOf, inNewNames, isSamePath, pathOf, type Rename } from './paths.ts';
import type { Answer, Entity, Question, Snapshot } from './snapshot.ts';

/** What the person says about new names. */
export interface NameAnswers {
  /** Dotted, with as much of schema and table as the kind has: `users:accounts`, `users.name:full_name`. */
  renamed: readonly { from: string; to: string }[];
  created: readonly string[];
  /** Asked if neither list says; returns the old name out of the candidates, `undefined` for a really new one. */
  ask?: ((question: OpenQuestion) => Promise<string | undefined>) | undefined;
}

export interface OpenQuestion {
  kind: string;
  /** Dotted; the schema is left out if it is `public`. */
  name: string;
  /** Old names that vanished at the same place. */
  candidates: string[];
}

/** Answers a comparison's questions, and remembers which renames were used. */
export interface Namer {
  answer: (question: Question) => Promise<Answer>;
  readonly used: Rename[];
  /** The person's renames that no question was about. */
  readonly unused: () => { from: string; to: string }[];
}

/** Kinds whose name carries nothing: one that is otherwise equal is renamed, any other is dropped and made anew. */
const NAMED_ONLY = new Set(['index', 'unique', 'check', 'primary_key', 'foreign key', 'policy']);
/** Answers from the person's lists, then by asking. Throws if a name's past stays unclear. */
export function createNamer(from: Snapshot, to: Snapshot, answers: NameAnswers): Namer {
  const used: Rename[] = [];
  const matched = new Set<NameAnswers['renamed'][number]>();
  const answer = async ({ kind, entity }: Question): Promise<Answer> => {
    const candidates = vanished(from, to, { kind, entity }, used);
    const pathOfRename = (rename: { from: string; to: string }): string[] | undefined =>
      wholeName(rename, { kind, entity }, candidates) ?? oldPath(rename, { entity, candidates }, used);
    const given = answers.renamed.find((rename) => pathOfRename(rename) !== undefined);
    if (given !== undefined) {
      matched.add(given);
      return renamed(kind, pathOfRename(given) ?? [], entity);
    }
    if (answers.created.some((name) => isNameOf(name, entity))) return 'created';
    if (NAMED_ONLY.has(kind)) {
      const names = candidates.map((old) => lastOf(old));
      const twin = names.find((old) => isEqualBut(from, to, { kind, old, entity, used }));
      return twin === undefined ? 'created' : renamed(kind, [...entity.slice(0, -1), twin], entity);
    }
    const name = dotted(entity);
    if (answers.ask === undefined) throw unclear(kind, name, candidates);
    const old = await answers.ask({ kind, name, candidates });
    return old === undefined ? 'created' : renamed(kind, pathOfChoice(kind, old, entity), entity);
  };
  const renamed = (kind: string, path: readonly string[], entity: readonly string[]): Answer => {
    used.push({ kind, from: path, to: entity });
    return { renamed_from: path };
  };
  return { answer, used, unused: () => answers.renamed.filter((rename) => !matched.has(rename)) };
}

/** Answers the questions of the way forth by the renames that were found. */
export function forthAnswer({ kind, entity }: Question, used: readonly Rename[]): Answer {
  const known = used.find((rename) => rename.kind === kind && isSamePath(rename.to, entity));
  return known === undefined ? 'created' : { renamed_from: known.from };
}

/** Answers the questions of the way back by the renames of the way forth. */
export function inverseAnswer({ kind, entity }: Question, used: readonly Rename[]): Answer {
  const forth = used.find((rename) => rename.kind === kind && isSamePath(rename.from, inNewNames(entity, used, kind)));
  if (forth === undefined) return 'created';
  const name = forth.to.at(-1) ?? '';
  if (entity.length === 3) return { renamed_from: [...entity.slice(0, 2), name] };
  const [schema = ''] = forth.to;
  if (entity.length === 1) return { renamed_from: [name] };
  const oldSchema = used.find((rename) => rename.kind === 'schema' && rename.to[0] === schema)?.from[0] ?? schema;
  return { renamed_from: [oldSchema, name] };
}

/** The error for a name whose past is unclear. */
export function unclear(kind: string, name: string, candidates: readonly string[]): MigrationError {
  const renames = candidates.map((old) => `--rename ${old}:${shortened(name, old)}`);
  return new MigrationError(
    `Is ${kind} ${name} new, or ${candidates.join(' or ')} with a new name? Say which: ${[...renames, `--create ${name}`].join(' or ')}`,
  );
}

/** The old path if the rename says a candidate's name as it was asked for: a name may have dots in it. */
function wholeName(
  { from, to }: { from: string; to: string },
  { kind, entity }: Question,
  candidates: readonly string[],
): string[] | undefined {
  const candidate = candidates.find((old) => old === from);
  if (candidate === undefined || !(to === entity.at(-1) || isNameOf(to, entity))) return undefined;
  if (entity.length < 3) return kind === 'table' || entity.length === 2 ? undefined : [candidate];
  const home = dotted(entity.slice(0, 2));
  return candidate.startsWith(`${home}.`) ? [...entity.slice(0, -1), candidate.slice(home.length + 1)] : undefined;
}

/** The old path that a person's rename gives a new entity; `undefined` if it is about another one. */
function oldPath(
  rename: { from: string; to: string },
  { entity, candidates }: Pick<Question, 'entity'> & { candidates: readonly string[] },
  used: readonly Rename[],
): string[] | undefined {
  const from = rename.from.split('.');
  const to = rename.to.split('.');
  const name = from.at(-1) ?? '';
  if (to.at(-1) !== entity.at(-1)) return undefined;
  if (entity.length === 1) return from.length === 1 && to.length === 1 ? [name] : undefined;
  if (entity.length === 2) {
    const [oldSchema, newSchema] = [schemaOf(from), schemaOf(to) ?? schemaOf(from) ?? 'public'];
    // A name that is gone from `public` moves from there: `users:archive.users`.
    const home = oldSchema ?? (candidates.includes(rename.from) ? 'public' : newSchema);
    return from.length <= 2 && newSchema === entity[0] ? [home, name] : undefined;
  }
  const home = entity.slice(0, 2);
  const formerly = used.filter((earlier) => earlier.kind === 'table' && isSamePath(earlier.to, home));
  const tables = [home, ...formerly.map((earlier) => earlier.from)].flatMap((path) => [dotted(path), path.join('.')]);
  return tables.includes(from.slice(0, -1).join('.')) ? [...home, name] : undefined;
}

function schemaOf(parts: readonly string[]): string | undefined {
  return parts.length > 1 ? parts[0] : undefined;
}

/** A column's table need not be said twice. */
function shortened(name: string, old: string): string {
  const home = name.slice(0, name.length - lastOf(name).length);
  return old.startsWith(home) ? lastOf(name) : name;
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function isNameOf(name: string, entity: readonly string[]): boolean {
  return name === dotted(entity) || name === entity.join('.');
}

function pathOfChoice(kind: string, old: string, entity: readonly string[]): string[] {
  const parts = old.split('.');
  if (kind === 'table' && parts.length > 1) return parts;
  return [...entity.slice(0, -1), lastOf(old)];
}

/** The old names of a kind that are gone, at the same table; with their table or schema only where that can differ. */
function vanished(from: Snapshot, to: Snapshot, { kind, entity }: Question, used: readonly Rename[]): string[] {
  const type = entityTypeOf(kind);
  const taken = used.filter((rename) => rename.kind === kind).map(({ from: path }) => path.at(-1));
  const there = new Set(to.ddl.filter(({ entityType }) => entityType === type).map((item) => pathOf(item).join('.')));
  return from.ddl
    .filter((item) => item.entityType === type)
    .map((item) => inNewNames(pathOf(item), used, kind))
    .filter((path) => !there.has(path.join('.')) && !taken.includes(path.at(-1)))
    .filter((path) => entity.length < 3 || isSamePath(path.slice(0, 2), entity.slice(0, 2)))
    .map((path) => dotted(path));
}

function isEqualBut(
  from: Snapshot,
  to: Snapshot,
  { kind, old, entity, used }: { kind: string; old: string; entity: readonly string[]; used: readonly Rename[] },
): boolean {
  const type = entityTypeOf(kind);
  const before = from.ddl.find(
    (item) =>
      item.entityType === type &&
      item.name === old &&
      isSamePath(inNewNames(pathOf(item), used, kind).slice(0, 2), entity.slice(0, 2)),
  );
  const after = to.ddl.find((item) => item.entityType === type && isSamePath(pathOf(item), entity));
  return before !== undefined && after !== undefined && essence(before, used) === essence(after, []);
}

/** All of an entity but its name, in today's names. */
function essence(item: Entity, used: readonly Rename[]): string {
  const { name: _, nameExplicit: __, ...rest } = item;
  const [schema, table] = inNewNames(pathOf(item), used, '');
  const columns = (list: unknown): unknown =>
    Array.isArray(list) ? list.map((column) => newColumn(column, [schema ?? '', table ?? ''], used)) : list;
  const tableTo =
    typeof rest.tableTo === 'string'
      ? inNewNames([String(rest.schemaTo ?? 'public'), rest.tableTo, ''], used, '')[1]
      : undefined;
  return JSON.stringify({
    ...rest,
    schema,
    table,
    columns: columns(rest.columns),
    ...(tableTo !== undefined && { tableTo }),
  });
}

function newColumn(column: unknown, [schema = '', table = '']: readonly string[], used: readonly Rename[]): unknown {
  const name = (old: string): string =>
    used.find(({ kind, from }) => kind === 'column' && isSamePath(from, [schema, table, old]))?.to[2] ?? old;
  if (typeof column === 'string') return name(column);
  if (typeof column !== 'object' || column === null || !('value' in column)) return column;
  return { ...column, value: typeof column.value === 'string' ? name(column.value) : column.value };
}
