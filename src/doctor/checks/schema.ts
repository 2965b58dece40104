import { counted, type Finding, fail, ok, warn } from '../finding.ts';
import type { Migrations, UncheckedConstraint, UnindexedKey } from '../observation.ts';

/** Whether the database is at the head that this code needs, and still what the models say. */
export function checkMigrations({ pending, unknown, differences, uncompared }: Migrations): Finding[] {
  if (unknown !== undefined) return [fail('migrations', unknown)];
  if (pending.length > 0)
    return [
      fail(
        'migrations',
        `The database lacks ${counted(pending.length, 'revision')}: ${pending.join(', ')}`,
        'npx back upgrade head',
      ),
      ...differences.map(({ what, remedy }) => fail('migrations', what, remedy)),
    ];
  const atHead = ok('migrations', 'The database is at head');
  if (uncompared !== undefined)
    return [atHead, ok('drift', `Models and database were not compared (npx back check does): ${uncompared}`)];
  if (differences.length === 0) return [atHead, ok('drift', 'Models, migrations and database agree')];
  return [atHead, ...differences.map(({ between, what, remedy }) => warn('drift', `${between}: ${what}`, remedy))];
}

/** Whether every foreign key has an index that leads with its columns. */
export function checkForeignKeys(unindexed: readonly UnindexedKey[]): Finding[] {
  if (unindexed.length === 0) return [ok('foreign_key_indexes', 'Every foreign key has an index')];
  return unindexed.map((key) =>
    warn(
      'foreign_key_indexes',
      `${key.constraint} of ${key.table} has no index on (${key.columns}): a delete in the other table reads all of this one`,
      ...indexLines(key),
    ),
  );
}

/** Whether every constraint holds for all rows: the kit's on `users.email` spares rows in a spelling that can never log in. */
export function checkUnchecked(unchecked: readonly UncheckedConstraint[]): Finding[] {
  if (unchecked.length === 0) return [ok('constraints', 'Every constraint holds for all rows')];
  return unchecked.map(({ table, constraint, condition, broken }) => {
    const validate = `ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint};`;
    if (broken === 0)
      return warn('constraints', `${constraint} of ${table} is not validated, and every row keeps it`, validate);
    return warn(
      'constraints',
      `${counted(broken, 'row')} of ${table} ${broken === 1 ? 'breaks' : 'break'} ${constraint}, which came later`,
      `SELECT * FROM ${table} WHERE NOT (${condition});`,
      `mend them, then: ${validate}`,
    );
  });
}

/** A partitioned table's index cannot be made beside writes; those of its partitions can. */
function indexLines({ table, columns, index, is_partitioned }: UnindexedKey): string[] {
  if (!is_partitioned) return [`CREATE INDEX CONCURRENTLY ${index} ON ${table} (${columns});`];
  return [
    `CREATE INDEX ${index} ON ONLY ${table} (${columns});`,
    `and for each partition p: CREATE INDEX CONCURRENTLY p_idx ON p (${columns}); ALTER INDEX ${index} ATTACH PARTITION p_idx;`,
  ];
}
