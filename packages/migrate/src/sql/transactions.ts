import { MigrationError } from '../errors.ts';
import type { Statement } from './statements.ts';

/** The comment above a statement that has to run outside of a transaction. */
export const OUTSIDE_MARK = '-- transaction: none';

const REFUSES_TRANSACTION = [
  /^(CREATE (UNIQUE )?|DROP )INDEX CONCURRENTLY\b/,
  /^REINDEX (?!\( .*\bCONCURRENTLY (?:FALSE|OFF|0)\b).*\bCONCURRENTLY\b/,
  /^REINDEX (?:\( .*\) )?(?:SCHEMA|DATABASE|SYSTEM)\b/,
  /^CLUSTER(?: VERBOSE| \( [^)]*\))?$/,
  /^ALTER TABLE .*\bDETACH PARTITION .*\bCONCURRENTLY$/,
  /^CREATE SUBSCRIPTION (?!.*\b(?:CONNECT|CREATE_SLOT) = (?:FALSE|OFF)\b)/,
  /^ALTER SUBSCRIPTION \S+ (?:REFRESH|(?:SET|ADD|DROP) PUBLICATION (?!.*\bREFRESH = (?:FALSE|OFF)\b))/,
  /^(VACUUM|ALTER SYSTEM|(CREATE|DROP) (DATABASE|TABLESPACE)|DROP SUBSCRIPTION|DISCARD ALL|(COMMIT|ROLLBACK) PREPARED)\b/,
  /^ALTER DATABASE \S+ SET TABLESPACE\b/,
];
/** `ROLLBACK TO` a savepoint ends no transaction. */
const CONTROLS_TRANSACTION =
  /^(BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK(?! (?:WORK |TRANSACTION )?TO\b)|ABORT|PREPARE TRANSACTION)\b/;
const SETS_SESSION = /^(SET|RESET|SELECT (?:PG_CATALOG \. )?SET_CONFIG \()/;
const FOR_TRANSACTION = /^SET (LOCAL|TRANSACTION|CONSTRAINTS)\b/;
const STAYS_IN_SESSION = /^(PREPARE|LISTEN|LOAD|DISCARD|CREATE (?:LOCAL |GLOBAL )?TEMP(?:ORARY)?)\b/;

/** True for a statement that PostgreSQL refuses in a transaction, or that is marked so. */
export function isOutsideTransaction(statement: Statement): boolean {
  return isMarkedOutside(statement) || refusesTransaction(statement);
}

/** True if the file itself says so. */
export function isMarkedOutside({ comments }: Pick<Statement, 'comments'>): boolean {
  return comments.some((comment) => /^--\s*transaction:\s*none\b/i.test(comment));
}

/** True if PostgreSQL would not run it in a transaction. */
export function refusesTransaction(statement: Pick<Statement, 'tokens'>): boolean {
  const text = keywords(statement);
  return REFUSES_TRANSACTION.some((pattern) => pattern.test(text));
}

/** Throws for a statement that would end the transaction which a revision runs in. */
export function refuseTransactionControl(statement: Statement, file: string): void {
  const [, word] = CONTROLS_TRANSACTION.exec(keywords(statement)) ?? [];
  if (word === undefined) return;
  throw new MigrationError(
    `${file}, line ${statement.line}: take ${word} out; a revision runs in a transaction of its own, and "${OUTSIDE_MARK}" above a statement takes it out of that`,
  );
}

/** True if it sets something for the rest of its session, and so of the script. */
export function setsSession(statement: Pick<Statement, 'tokens'>): boolean {
  const text = keywords(statement);
  return SETS_SESSION.test(text) && !FOR_TRANSACTION.test(text) && !/, TRUE \)$/.test(text);
}

/**
 * Throws for a statement that would change its session outside of a transaction: behind a transaction pooler that session is
 * another client's next, and nothing can end there what the statement has set.
 */
export function refuseSessionOutside(statement: Statement, file: string): void {
  if (!isOutsideTransaction(statement)) return;
  const text = keywords(statement);
  const [word] = SETS_SESSION.exec(text) ?? STAYS_IN_SESSION.exec(text) ?? [];
  if (word === undefined) return;
  throw new MigrationError(
    `${file}, line ${statement.line}: ${word.replace(/ \($/, '')} outside of a transaction would stay in the session, which behind a pooler is another client's next; take "${OUTSIDE_MARK}" off it`,
  );
}

/** The statement's tokens in capitals with single spaces: what a pattern is matched against. Names in quotes keep their case. */
export function keywords({ tokens }: Pick<Statement, 'tokens'>): string {
  return tokens.map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : text)).join(' ');
}
