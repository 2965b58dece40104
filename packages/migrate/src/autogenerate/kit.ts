import type { Hint, MissingHint } from 'drizzle-kit/api-postgres';
import { MigrationError } from '../errors.ts';
import { withUsed } from './collect.ts';
import { quoted, unquoted, withCutNames, withQuotedNames, withRightDefaults } from './kit-text.ts';
import type { DeclaredObjects } from './objects.ts';
import type { Answer, Question, Snapshot } from './snapshot.ts';

/** drizzle-kit, which only comparing needs: it takes a second to load, and production does without it. */
export async function loadKit(): Promise<typeof import('drizzle-kit/api-postgres')> {
  try {
    return await import('drizzle-kit/api-postgres');
  } catch (cause) {
    throw new MigrationError(
      'Comparing needs drizzle-kit, a development dependency that is not installed here: run it where you develop, after npm ci',
      { cause },
    );
  }
}

/** The models' state. Loads drizzle-kit, which takes a second. */
export async function snapshotOf(
  models: Record<string, unknown>,
  { objects = {}, previous }: { objects?: DeclaredObjects; previous?: Snapshot } = {},
): Promise<Snapshot> {
  const { generateDrizzleJson } = await loadKit();
  const json = await generateDrizzleJson(withUsed(models, previous), previous?.id);
  // drizzle-kit's own type is a union of every kind of entity; here only its common part matters.
  const raw = json as unknown as Snapshot;
  const snapshot = { ...raw, ddl: withCutNames(withRightDefaults(raw.ddl, models)) };
  return Object.keys(objects).length > 0 ? { ...snapshot, objects } : snapshot;
}

/** The tables' statements from one state to another. Each question about a name is asked once. */
export async function statementsBetween(
  from: Snapshot,
  to: Snapshot,
  answer: (question: Question) => Promise<Answer> | Answer,
): Promise<string[]> {
  const { generateMigration } = await loadKit();
  const asked = async ({ kind, entity }: Question): Promise<Answer> => {
    const given = await answer({ kind, entity: entity.map(unquoted) });
    return given === 'created' ? given : { renamed_from: given.renamed_from.map(quoted) };
  };
  return answering(asked, (hints) => generateMigration(bare(from), bare(to), { hints }));
}

/**
 * Runs a comparison again and again, each time with one answer more, until it asks nothing. One at a time, since an answer
 * settles others: of a schema with a new name no table is asked about.
 */
export async function answering<T>(
  answer: (question: Question) => Promise<Answer> | Answer,
  compare: (hints: Hint[]) => Promise<T>,
): Promise<T> {
  const hints: Hint[] = [];
  for (;;) {
    try {
      return await compare(hints);
    } catch (error) {
      const [question] = missingHints(error);
      if (question === undefined) throw error;
      hints.push(await hintFor(question, answer));
    }
  }
}

async function hintFor(asked: MissingHint, answer: (question: Question) => Promise<Answer> | Answer): Promise<Hint> {
  const { kind, entity } = asked;
  // A hint's type is tied to its kind, which is passed through from the question.
  const hint = (fields: object): Hint => ({ kind, ...fields }) as Hint;
  if (asked.type === 'confirm_data_loss') return hint({ type: 'confirm_data_loss', entity });
  const given = await answer({ kind, entity });
  if (given === 'created') return hint({ type: 'create', entity });
  return hint({ type: 'rename', from: given.renamed_from, to: entity });
}

function missingHints(error: unknown): readonly MissingHint[] {
  const isQuestion = error instanceof Error && 'missingHints' in error && Array.isArray(error.missingHints);
  // drizzle-kit documents the property; its error class is not exported as a value.
  return isQuestion ? (error.missingHints as readonly MissingHint[]) : [];
}

function bare({ objects: _, ...snapshot }: Snapshot): Omit<Snapshot, 'objects'> {
  return { ...snapshot, ddl: snapshot.ddl.map((item) => withQuotedNames(item)) };
}
