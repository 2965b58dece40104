import { rules } from '../rule.ts';

/** Dangers of constraints. */
export const constraintRules = rules({
  'check-scans': {
    severity: 'danger',
    why: 'Every row is checked while every read and write of the table waits.',
    recipe:
      'ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (…) NOT VALID;\n\n-- in the next revision\nALTER TABLE {table} VALIDATE CONSTRAINT {name};',
  },
  'foreign-key-scans': {
    severity: 'danger',
    why: 'Every row is looked up in the other table while writes to both wait.',
    recipe:
      'ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (…) REFERENCES … NOT VALID;\n\n-- in the next revision\nALTER TABLE {table} VALIDATE CONSTRAINT {name};',
  },
  'unique-builds-index': {
    severity: 'danger',
    why: 'The index behind the constraint is built while every read and write of the table waits.',
    recipe:
      '-- transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} (…);\n\nALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name};',
  },
  'exclusion-builds-index': {
    severity: 'danger',
    why: 'The index behind the constraint is built while every read and write of the table waits; there is no concurrent way.',
    recipe:
      '-- in a quiet hour, with a limit\n-- statement_timeout: 30s\nALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE …;',
  },
  'not-null-scans': {
    severity: 'danger',
    why: 'Every row is read while every read and write of the table waits, unless a validated check proves it already.',
    recipe:
      'ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;\n\n-- in the next revision\nALTER TABLE {table} VALIDATE CONSTRAINT {name};\n\n-- in the one after it: the proof has to stand until the first statement is done\nALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;\n\nALTER TABLE {table} DROP CONSTRAINT {name};',
  },
  'validated-under-lock': {
    severity: 'danger',
    why: 'The transaction has locked the table against writes already, and that lock lasts until the last row is checked.',
    recipe: '-- in a revision of its own\nALTER TABLE {table} VALIDATE CONSTRAINT {name};',
  },
  'partition-scans': {
    severity: 'danger',
    why: 'Every row of the partition is checked under a lock, unless validated checks prove its bounds already.',
    recipe:
      'ALTER TABLE {name} ADD CONSTRAINT bounds CHECK (… IS NOT NULL AND …) NOT VALID;\n\n-- in the next revision\nALTER TABLE {name} VALIDATE CONSTRAINT bounds;\n\n-- in the one after it\nALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES …;',
  },
});
