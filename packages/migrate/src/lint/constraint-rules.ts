import { match } from './index-rules.ts';
import type { Operation } from './operations.ts';
import type { Rule, RuleContext } from './rule.ts';

/** Dangers of constraints. */
export const constraintRules: readonly Rule[] = [
  {
    name: 'check-scans',
    severity: 'danger',
    why: 'Every row is checked while every read and write of the table waits.',
    recipe:
      'ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (…) NOT VALID;\n\n-- in the next revision\nALTER TABLE {table} VALIDATE CONSTRAINT {name};',
    find: ({ words }) => match(/^ALTER TABLE ADD (?:CONSTRAINT (\S+) )?CHECK \((?!.*\bNOT VALID$)/, words),
  },
  {
    name: 'foreign-key-scans',
    severity: 'danger',
    why: 'Every row is looked up in the other table while writes to both wait.',
    recipe:
      'ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (…) REFERENCES … NOT VALID;\n\n-- in the next revision\nALTER TABLE {table} VALIDATE CONSTRAINT {name};',
    find: ({ words }) =>
      match(/^ALTER TABLE ADD (?:CONSTRAINT (\S+) )?FOREIGN KEY\b(?!.*\bNOT VALID$)/, words) ??
      match(/^ALTER TABLE ADD (?:COLUMN )?(?!CONSTRAINT|FOREIGN).* REFERENCES\b/, words),
  },
  {
    name: 'unique-builds-index',
    severity: 'danger',
    why: 'The index behind the constraint is built while every read and write of the table waits.',
    recipe:
      '-- transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} (…);\n\nALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name};',
    find: ({ words }) =>
      match(/^ALTER TABLE ADD (?:CONSTRAINT (\S+) )?(?:UNIQUE|PRIMARY KEY)\b(?! USING INDEX)/, words) ??
      match(
        /^ALTER TABLE ADD (?:COLUMN )?(?!CONSTRAINT|UNIQUE|PRIMARY|CHECK|FOREIGN|EXCLUDE).* (?:UNIQUE|PRIMARY KEY)\b/,
        words,
      ),
  },
  {
    name: 'exclusion-builds-index',
    severity: 'danger',
    why: 'The index behind the constraint is built while every read and write of the table waits; there is no concurrent way.',
    recipe:
      '-- in a quiet hour, with a limit\n-- statement_timeout: 30s\nALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE …;',
    find: ({ words }) => match(/^ALTER TABLE ADD (?:CONSTRAINT (\S+) )?EXCLUDE\b/, words),
  },
  {
    name: 'not-null-scans',
    severity: 'danger',
    why: 'Every row is read while every read and write of the table waits, unless a validated check proves it already.',
    recipe:
      'ALTER TABLE {table} ADD CONSTRAINT {column}_not_null CHECK ({column} IS NOT NULL) NOT VALID;\n\n-- in the next revision\nALTER TABLE {table} VALIDATE CONSTRAINT {column}_not_null;\n\n-- in the one after it\nALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL, DROP CONSTRAINT {column}_not_null;',
    find: (operation, context) => {
      const column = /^ALTER TABLE ALTER (?:COLUMN )?(\S+) SET NOT NULL$/.exec(operation.words)?.[1];
      return column === undefined || isProved(operation, column, context) ? undefined : { column };
    },
  },
  {
    name: 'validated-under-lock',
    severity: 'danger',
    why: 'The constraint was added in the same transaction, whose lock lasts until the last row is checked.',
    recipe: '-- in a revision of its own\nALTER TABLE {table} VALIDATE CONSTRAINT {name};',
    find: ({ words, table }, { earlier }) => {
      const name = /^ALTER TABLE VALIDATE CONSTRAINT (\S+)$/.exec(words)?.[1];
      const isAddedHere = earlier.some(
        (other) => other.table === table && other.words.includes(` CONSTRAINT ${name} `),
      );
      return name !== undefined && isAddedHere ? { name } : undefined;
    },
  },
  {
    name: 'partition-scans',
    severity: 'danger',
    why: 'Every row of the new partition is checked under a lock, unless a validated check proves its bounds already.',
    recipe:
      'ALTER TABLE {name} ADD CONSTRAINT bounds CHECK (…) NOT VALID;\n\n-- in the next revision\nALTER TABLE {name} VALIDATE CONSTRAINT bounds;\n\n-- in the one after it\nALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES …;',
    find: ({ words }, { applied }) => {
      const name = /^ALTER TABLE ATTACH PARTITION (\S+)/.exec(words)?.[1];
      if (name === undefined) return undefined;
      const isProvedAlready = applied().some((other) =>
        `"${other.table}"` === name || other.table === name.toLowerCase()
          ? /VALIDATE CONSTRAINT/.test(other.words)
          : false,
      );
      return isProvedAlready ? undefined : { name };
    },
  },
];

/** True where a check of the column was validated before. */
function isProved({ table }: Operation, column: string, { earlier, applied }: RuleContext): boolean {
  const known = [...applied(), ...earlier].filter((other) => other.table === table);
  const escaped = column.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const proof = new RegExp(`ADD CONSTRAINT (\\S+) CHECK \\( (?:\\( )?${escaped} IS NOT NULL\\b`);
  return known.some(({ words }) => {
    const name = proof.exec(words)?.[1];
    if (name === undefined) return false;
    return (
      !words.endsWith('NOT VALID') || known.some((other) => other.words === `ALTER TABLE VALIDATE CONSTRAINT ${name}`)
    );
  });
}
