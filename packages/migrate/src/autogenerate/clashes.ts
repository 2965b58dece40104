import type { Graph } from '../script/graph.ts';
import { readScript } from '../script/revisions.ts';
import { keywords } from '../sql/transactions.ts';
import { type BranchRename, branchRenames, type Sides, withRenames } from './followed-renames.ts';
import type { Snapshot } from './snapshot.ts';
import { commonTips, snapshotAt } from './snapshots.ts';

/** The way on where one of two revisions cannot run behind the other. */
const WRITE_AGAIN =
  'remove the folder of one of the two and write it again behind the other: revision --autogenerate --head REV';

/** Why the SQL of two branches cannot run one behind the other, in whichever order, a sentence for each reason. */
export function clashesBetween(graph: Graph, [one = '', other = '']: readonly string[]): string[] {
  const common = commonTips(graph, [one], other);
  return [
    ...repeated(graph, { ours: [one], theirs: [other], common }),
    ...renamesWithoutPlace(graph, { ours: [one], theirs: [other], common }),
    ...renamesWithoutPlace(graph, { ours: [other], theirs: [one], common }),
  ];
}

/** Statements that fail if they run once more. */
const RUNS_ONCE =
  /^(?:CREATE (?!OR REPLACE)(?!.*\bIF NOT EXISTS\b)|DROP (?!\w+ IF EXISTS\b)|ALTER (?:TABLE|TYPE)\b(?!.*\bIF (?:NOT )?EXISTS\b).* (?:ADD|DROP|RENAME)\b)/;

/** A statement that both branches have written down: the second one finds it done. */
function repeated(graph: Graph, { ours, theirs, common }: Sides): string[] {
  const below = graph.ancestors(common);
  const of = (ids: readonly string[]): Map<string, { revision: string; sql: string }> => {
    const own = [...graph.ancestors(ids)].filter((id) => !below.has(id));
    const statements = own.flatMap((revision) =>
      readScript(graph.get(revision), 'upgrade').statements.map((statement) => ({ revision, statement })),
    );
    return new Map(
      statements.map(({ revision, statement }) => [keywords(statement), { revision, sql: statement.sql }] as const),
    );
  };
  const [mine, other] = [of(ours), of(theirs)];
  for (const [words, { revision, sql }] of mine) {
    const twin = other.get(words);
    if (twin === undefined || !RUNS_ONCE.test(words)) continue;
    const [line = ''] = sql.split('\n');
    return [
      `${revision} and ${twin.revision} both run ${line}${line === sql ? '' : ' …'}, which fails the second time: take it out of one of them, with what undoes it, and merge again; or ${WRITE_AGAIN}`,
    ];
  }
  return [];
}

/** A rename whose old name the other branch has taken away, or whose new one it has given to something else. */
function renamesWithoutPlace(graph: Graph, sides: Sides): string[] {
  const found: string[] = [];
  let [base, theirs] = [snapshotAt(graph, sides.common), snapshotAt(graph, sides.theirs)];
  for (const rename of branchRenames(graph, sides)) {
    const { revision, to, column, table } = rename;
    const name = column === undefined ? `table ${table}` : `column ${table}.${column}`;
    const isGone = has(base, rename) && !has(theirs, rename);
    if (isGone)
      found.push(`${revision} renames ${name}, which the other branch has renamed or dropped: ${WRITE_AGAIN}`);
    const renamed = column === undefined ? { ...rename, table: to } : { ...rename, column: to };
    const isTaken = !isGone && !has(base, renamed) && has(theirs, renamed);
    if (isTaken) found.push(`${revision} renames ${name} to ${to}, which the other branch has made: ${WRITE_AGAIN}`);
    if (isGone || isTaken) continue;
    [base, theirs] = [withRenames(base, [rename]), withRenames(theirs, [rename])];
  }
  return found;
}

function has(snapshot: Snapshot | undefined, { schema, table, column }: BranchRename): boolean {
  return (snapshot?.ddl ?? []).some((item) => {
    if ((item.schema ?? 'public') !== schema) return false;
    if (column === undefined) return item.entityType === 'tables' && item.name === table;
    return item.entityType === 'columns' && item.table === table && item.name === column;
  });
}
