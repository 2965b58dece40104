import { MigrationError } from '../errors.ts';
import { inverted, renamedValues, renameValuesSql, withRenamedValues } from './enum-values.ts';
import { type Snapshot, snapshotOf, statementsBetween } from './kit.ts';
import { createNamer, inverseAnswer, type NameAnswers } from './names.ts';
import { type DeclaredObjects, objectChanges } from './objects.ts';
import { mended } from './ordering.ts';

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
 * The SQL from a state to the models, and back; `undefined` where they are equal. A name that is new where another one
 * vanished is never guessed at where rows depend on it: it throws until the answers say.
 */
export async function compareModels({
  before,
  models,
  objects = {},
  answers,
  narrow = ({ after }) => after,
}: Comparison): Promise<Change | undefined> {
  const from = before ?? (await snapshotOf({}));
  const snapshot = narrow({ before: from, after: await snapshotOf(models, { objects, previous: from }) });
  const change = await changeBetween(from, snapshot, answers);
  return change.upgrade.length === 0 ? undefined : change;
}

/** The SQL from one state to another, and back. */
export async function changeBetween(from: Snapshot, to: Snapshot, answers: NameAnswers): Promise<Change> {
  const values = await renamedValues(from, to, answers);
  const namer = createNamer(from, to, answers);
  const forth = await statementsBetween(withRenamedValues(from, values), to, namer.answer);
  refuseUnused(namer.unused(), values);
  const back = await statementsBetween(withRenamedValues(to, inverted(values)), from, (question) =>
    inverseAnswer(question, namer.used),
  );
  const objectsForth = objectChanges(from.objects ?? {}, to.objects ?? {});
  const objectsBack = objectChanges(to.objects ?? {}, from.objects ?? {});
  return {
    upgrade: [...objectsForth.drops, ...renameValuesSql(values), ...mended(forth, from), ...objectsForth.creates],
    downgrade: [
      ...objectsBack.drops,
      ...renameValuesSql(inverted(values)),
      ...mended(back, to),
      ...objectsBack.creates,
    ],
    snapshot: to,
  };
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
