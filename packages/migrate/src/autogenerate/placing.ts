import { textsOf } from './aside.ts';
import { type DeclaredObject, isReplaceable, replacing } from './objects.ts';
import type { Entity, Snapshot } from './snapshot.ts';
import { wordsIn } from './words.ts';

/** What happens to the declared objects. */
export interface ObjectPlan {
  before: readonly DeclaredObject[];
  after: readonly DeclaredObject[];
  /** Taken away, for good or for a while. */
  dropped: ReadonlySet<string>;
  /** Made, anew or again. */
  created: ReadonlySet<string>;
  /** Functions whose body alone changed. */
  replaced: ReadonlySet<string>;
}

/** Where the objects go: among the statements, the first of which take away what steps aside. */
export interface Place {
  from: Snapshot;
  to: Snapshot;
  asideCount: number;
}

/** The objects that change, before it is known what has to step aside with them. */
export function changedObjects(before: readonly DeclaredObject[], after: readonly DeclaredObject[]): ObjectPlan {
  const old = new Map(before.map((object) => [object.name, object]));
  const now = new Map(after.map((object) => [object.name, object]));
  const replaced = new Set(
    after
      .filter((object) => {
        const former = old.get(object.name);
        return former !== undefined && former.create !== object.create && isReplaceable(former, object);
      })
      .map(({ name }) => name),
  );
  const isSame = (name: string): boolean => replaced.has(name) || old.get(name)?.create === now.get(name)?.create;
  return {
    before,
    after,
    replaced,
    dropped: new Set(before.map(({ name }) => name).filter((name) => !isSame(name))),
    created: new Set(after.map(({ name }) => name).filter((name) => !isSame(name))),
  };
}

/**
 * The tables' statements with the objects' own among them, each at a place where it can run: before the first table that
 * needs it, otherwise behind the tables. An object is dropped before what it depends on.
 */
export function placed(statements: readonly string[], plan: ObjectPlan, { from, to, asideCount }: Place): string[] {
  const makes = statements.map((statement) => (isDropping(statement) ? undefined : wordsIn(statement)));
  const slots: string[][] = Array.from({ length: statements.length + 1 }, () => []);
  const creations = [...plan.after].filter(({ name }) => plan.created.has(name) || plan.replaced.has(name));
  const latest = latestSlots(creations, makes);
  let least = asideCount;
  for (const [index, object] of creations.entries()) {
    const upper = Math.max(asideCount, latest[index] ?? statements.length);
    const lower = Math.max(asideCount, earliestSlot(object, statements));
    const isEarly = object.kind === 'setup' || object.kind === 'function' || plan.replaced.has(object.name);
    // The order given counts among those that go to one place.
    const wanted = isEarly && lower <= upper ? Math.max(lower, Math.min(least, upper)) : upper;
    const slot = isEarly && lower > upper ? upper : wanted;
    if (isEarly) least = Math.max(least, slot);
    slots[slot]?.push(...creation(object, plan, { isUnchecked: lower > slot }));
  }
  const first: string[] = [];
  const last: string[] = [];
  const behindAside: string[] = [];
  for (const object of [...plan.before].reverse().filter(({ name }) => plan.dropped.has(name))) {
    if (isNeeded(object, from, to, plan)) last.push(object.drop);
    else (object.kind === 'function' || object.kind === 'setup' ? behindAside : first).push(object.drop);
  }
  slots[asideCount]?.unshift(...behindAside);
  return [
    ...first,
    ...statements.flatMap((statement, index) => [...(slots[index] ?? []), statement]),
    ...(slots[statements.length] ?? []),
    ...last,
  ];
}

function creation(
  object: DeclaredObject,
  { replaced }: ObjectPlan,
  { isUnchecked }: { isUnchecked: boolean },
): string[] {
  const statement = replaced.has(object.name) ? replacing(object) : object.create;
  // Its body names tables that come later, and they need it: PostgreSQL looks at it when it runs.
  return isUnchecked && object.isChecked ? ['SET LOCAL check_function_bodies = off;', statement] : [statement];
}

/** For each object the place of the first statement that needs it, itself or by another object. */
function latestSlots(
  objects: readonly DeclaredObject[],
  makes: readonly (ReadonlySet<string> | undefined)[],
): number[] {
  const slots = objects.map(({ defines }) => {
    const first = defines === undefined ? -1 : makes.findIndex((words) => words?.has(defines));
    return first === -1 ? makes.length : first;
  });
  for (let index = objects.length - 1; index >= 0; index--) {
    const { defines } = objects[index] ?? {};
    if (defines === undefined) continue;
    const users = objects.map(({ bound }, other) =>
      other > index && bound.has(defines) ? (slots[other] ?? 0) : makes.length,
    );
    slots[index] = Math.min(slots[index] ?? makes.length, ...users);
  }
  return slots;
}

/** The place behind the last statement that makes something which the object names. */
function earliestSlot({ words, bound, isChecked, kind }: DeclaredObject, statements: readonly string[]): number {
  const needed = kind === 'function' && !isChecked ? bound : words;
  const last = statements.findLastIndex((statement) => {
    const made = madeBy(statement);
    return made !== undefined && needed.has(made);
  });
  return last + 1;
}

function madeBy(statement: string): string | undefined {
  const name = String.raw`(?:"(?:[^"]|"")+"\.)?"((?:[^"]|"")+)"`;
  const patterns = [
    `^CREATE (?:SCHEMA|TYPE|TABLE|SEQUENCE|(?:MATERIALIZED )?VIEW|ROLE) ${name}`,
    `^ALTER TABLE ${name} (?:ADD COLUMN|ALTER COLUMN .* SET DATA TYPE|RENAME COLUMN)`,
    `^ALTER (?:TABLE|TYPE|SCHEMA|SEQUENCE|(?:MATERIALIZED )?VIEW) .* RENAME TO ${name}`,
  ];
  for (const pattern of patterns) {
    const made = new RegExp(pattern, 's').exec(statement)?.[1];
    if (made !== undefined) return made.replaceAll('""', '"');
  }
  return undefined;
}

function isDropping(statement: string): boolean {
  return /^DROP\b|^ALTER TABLE \S+ (?:DROP|DISABLE)\b|^ALTER TABLE .* ALTER COLUMN "[^"]+" DROP\b/.test(statement);
}

/** True if the tables of the state before need it, and it goes for good: it goes after them. */
function isNeeded({ defines, name, kind }: DeclaredObject, from: Snapshot, to: Snapshot, plan: ObjectPlan): boolean {
  if (plan.created.has(name) || defines === undefined || (kind !== 'setup' && kind !== 'function')) return false;
  if (kind === 'setup') return true;
  return from.ddl.some((item) => isNaming(item, defines)) && !to.ddl.some((item) => isNaming(item, defines));
}

function isNaming(item: Entity, name: string): boolean {
  return item.type === name || wordsIn(item.default, ...textsOf(item)).has(name);
}
