import { MigrationError } from '../errors.ts';
import { stepAside } from './aside.ts';
import { refuseImpossible } from './collect.ts';
import {
  inverted,
  renamedValues,
  renameValuesSql,
  type ValueRename,
  withQuotedValues,
  withRenamedValues,
} from './enum-values.ts';
import { snapshotOf, statementsBetween } from './kit.ts';
import { createNamer, forthAnswer, inverseAnswer, type NameAnswers } from './names.ts';
import { withNumbers } from './numbers.ts';
import { type DeclaredObjects, readObjects } from './objects.ts';
import { mended, viewsInOrder } from './ordering.ts';
import { backwards, type Rename } from './paths.ts';
import { changedObjects, placed } from './placing.ts';
import { refuseUnregistered } from './references.ts';
import type { Answer, Question, Snapshot } from './snapshot.ts';

export interface Comparison {
  /** The state to start from; nothing at all for the first revision. */
  before: Snapshot | undefined;
  models: Record<string, unknown>;
  objects?: DeclaredObjects;
  answers: NameAnswers;
  /** Leaves out of the new state what is not to be compared. */
  narrow?: ((states: { before: Snapshot; after: Snapshot }) => Snapshot) | undefined;
}

/** The statements of both ways, and the state that the next comparison starts from. */
export interface Change {
  upgrade: string[];
  downgrade: string[];
  snapshot: Snapshot;
}

/**
 * The SQL from a state to the models, and back; `undefined` if they are equal. A name that is new where another one
 * vanished is never guessed at where rows depend on it: it throws until the answers say.
 */
export async function compareModels({
  before,
  models,
  objects = {},
  answers,
  narrow = ({ after }) => after,
}: Comparison): Promise<Change | undefined> {
  refuseUnregistered(models, { objects, before });
  const from = before ?? (await snapshotOf({}));
  const after = await snapshotOf(models, { objects, previous: from });
  refuseImpossible(after, before);
  const snapshot = narrow({ before: from, after });
  const change = await changeBetween(from, snapshot, answers);
  return change.upgrade.length === 0 ? undefined : change;
}

/** The SQL from one state to another, and back. */
export async function changeBetween(from: Snapshot, to: Snapshot, answers: NameAnswers): Promise<Change> {
  const values = await renamedValues(from, to, answers);
  const namer = createNamer(from, to, answers);
  // Asked about everything once; what steps aside afterwards needs no answer.
  await statementsBetween(withRenamedValues(from, values), to, namer.answer);
  refuseUnused(namer.unused(), values);
  const { used } = namer;
  const answerForth = (question: Question): Answer => forthAnswer(question, used);
  const answerBack = (question: Question): Answer => inverseAnswer(question, used);
  const back = inverted(values);
  const upgrade = await oneWay({ from, to, values, used, answer: answerForth });
  const downgrade = await oneWay({ from: to, to: from, values: back, used: backwards(used), answer: answerBack });
  return { upgrade, downgrade, snapshot: to };
}

interface Way {
  from: Snapshot;
  to: Snapshot;
  values: readonly ValueRename[];
  used: readonly Rename[];
  answer: (question: Question) => Answer;
}

/** The statements of one direction, in an order in which they run: what stands in the way steps aside and comes back. */
async function oneWay({ from: start, to, values, used, answer }: Way): Promise<string[]> {
  const from = withRenamedValues(start, values);
  const changed = changedObjects(readObjects(start.objects ?? {}), readObjects(to.objects ?? {}));
  const { before, after, dropped, created } = changed;
  const aside = stepAside({ from, to, used, objects: { before, after, gone: dropped } });
  const drops = await statementsBetween(from, aside.from, () => 'created');
  const main = await statementsBetween(aside.from, aside.to, answer);
  const creates = await statementsBetween(aside.to, to, () => 'created');
  const again = after.filter(({ name }) => aside.objects.has(name)).map(({ name }) => name);
  const plan = { ...changed, dropped: new Set([...dropped, ...again]), created: new Set([...created, ...again]) };
  const changes = mended(withNumbers(withQuotedValues(main, to), { from, to }), from);
  const tables = viewsInOrder([...drops, ...changes, ...creates], start, to);
  return [...renameValuesSql(values), ...placed(tables, plan, { from, to, asideCount: drops.length })];
}

/** A rename that fits nothing is a typing mistake, and the drop that it was to prevent would go unnoticed. */
function refuseUnused(unused: readonly { from: string; to: string }[], values: readonly { from: string }[]): void {
  const stray = unused.filter(({ from }) => !values.some((value) => from.endsWith(`.${value.from}`)));
  const [first] = stray;
  if (first === undefined) return;
  throw new MigrationError(
    `--rename ${first.from}:${first.to} fits nothing: no such name vanished where the new one appeared; write it as OLD:NEW, for a column as TABLE.OLD:NEW`,
  );
}
