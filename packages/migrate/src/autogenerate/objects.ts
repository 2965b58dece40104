import { nameAt, skipNoise } from '../sql/names.ts';
import { type Statement, splitStatements } from '../sql/statements.ts';
import { keywords } from '../sql/transactions.ts';
import { wordsIn } from './words.ts';

/**
 * What a model cannot describe (a trigger, a function, a covering index, a comment), as the SQL that makes it and the SQL that
 * takes it away. Made in the order given, taken away in the reverse one; a changed one is taken away and made anew, a function
 * whose head stays is replaced. What the tables need comes before them.
 */
export type DeclaredObjects = Readonly<Record<string, { readonly create: string; readonly drop: string }>>;

/** What kind of thing an object is, as far as its place among the tables depends on it. */
export type ObjectKind =
  | 'setup'
  | 'function'
  | 'view'
  | 'index'
  | 'constraint'
  | 'trigger'
  | 'policy'
  | 'comment'
  | 'grant'
  | 'other';

/** A declared object, read. */
export interface DeclaredObject {
  name: string;
  create: string;
  drop: string;
  kind: ObjectKind;
  /** The name of what it makes, without its schema. */
  defines: string | undefined;
  /** The names in its text, and those that PostgreSQL itself holds on to: a body in quotes is no dependency. */
  words: ReadonlySet<string>;
  bound: ReadonlySet<string>;
  /** The head of a function: what stays the same when its body is replaced. */
  head: string | undefined;
  /** A function whose body PostgreSQL checks against the tables when it is made. */
  isChecked: boolean;
}

const KINDS: readonly [RegExp, ObjectKind][] = [
  [
    /^CREATE (?:EXTENSION|SCHEMA|TYPE|DOMAIN|COLLATION|SEQUENCE|ROLE|LANGUAGE|TEXT SEARCH|SERVER|FOREIGN DATA)\b/,
    'setup',
  ],
  [/^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE|AGGREGATE)\b/, 'function'],
  [/^CREATE (?:OR REPLACE )?(?:RECURSIVE |MATERIALIZED )?(?:VIEW|RULE)\b/, 'view'],
  [/^CREATE (?:UNIQUE )?INDEX\b/, 'index'],
  [/^CREATE (?:OR REPLACE )?(?:CONSTRAINT |EVENT )?TRIGGER\b/, 'trigger'],
  [/^CREATE POLICY\b/, 'policy'],
  [/^ALTER TABLE .* ADD CONSTRAINT\b/, 'constraint'],
  [/^COMMENT\b/, 'comment'],
  [/^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b/, 'grant'],
];
const BEFORE_NAME =
  /^(?:EXTENSION|SCHEMA|TYPE|DOMAIN|COLLATION|SEQUENCE|FUNCTION|PROCEDURE|AGGREGATE|VIEW|RULE|INDEX|TRIGGER|POLICY|CONSTRAINT|TABLE|ROLE|CONFIGURATION|DICTIONARY)$/;
const BODY = /\b(?:AS|BEGIN ATOMIC|RETURN(?!S))\b/;

/** Reads the objects, in their order. */
export function readObjects(objects: DeclaredObjects): DeclaredObject[] {
  return Object.entries(objects).map(([name, { create, drop }]) => readObject(name, create.trim(), drop.trim()));
}

/** True if a changed object is a function that can be replaced while others use it. */
export function isReplaceable(before: DeclaredObject, after: DeclaredObject): boolean {
  return before.kind === 'function' && before.head !== undefined && before.head === after.head;
}

/** The statement that makes a function in the place of another of its head. */
export function replacing({ create }: DeclaredObject): string {
  return create.replace(/^(\s*CREATE\s+)(?!OR\s+REPLACE)/i, '$1OR REPLACE ');
}

/** True if the statement would take away what one of the objects has made. */
export function isOfObject(statement: string, objects: DeclaredObjects): boolean {
  const name = /\bDROP (?:INDEX|CONSTRAINT|POLICY|(?:MATERIALIZED )?VIEW|SEQUENCE|TABLE|TYPE)\b.*"([^"]+)"/s.exec(
    statement,
  )?.[1];
  if (name === undefined) return false;
  return Object.values(objects).some(({ create }) => create.split(/[^\p{L}\p{N}_$]+/u).includes(name));
}

function readObject(name: string, create: string, drop: string): DeclaredObject {
  const [statement, ...more] = splitStatements(create);
  const words = wordsIn(create);
  const text = statement === undefined ? '' : keywords(statement);
  const kind = KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';
  const plain = { name, create, drop, kind, words, bound: words, head: undefined, isChecked: false };
  const defines = statement && definedName(statement);
  if (kind !== 'function' || statement === undefined) return { ...plain, defines };
  const isInQuotes = !/\bBEGIN ATOMIC\b|\bRETURN(?!S\b)/.test(text);
  const head = headOf(text);
  return {
    ...plain,
    defines,
    bound: isInQuotes ? wordsIn(head) : words,
    // Several statements are more than a function, and PostgreSQL does not replace an aggregate's parts alike.
    head: more.length === 0 && !/^CREATE (?:OR REPLACE )?AGGREGATE/.test(text) ? head : undefined,
    isChecked: !isInQuotes || /\bLANGUAGE '?SQL\b/i.test(text),
  };
}

/** Name, arguments and result: everything before the words that may change in place. */
function headOf(text: string): string {
  const head = text.replace(/^CREATE (?:OR REPLACE )?/, '');
  const end =
    /\b(?:LANGUAGE|AS|IMMUTABLE|STABLE|VOLATILE|STRICT|SECURITY|COST|ROWS|PARALLEL|SET|LEAKPROOF|WINDOW|CALLED|NOT LEAKPROOF|SUPPORT|TRANSFORM|EXTERNAL)\b|\bRETURNS NULL ON\b/;
  const first = [end, BODY].map((pattern) => pattern.exec(head)?.index ?? head.length);
  return head.slice(0, Math.min(...first)).trim();
}

function definedName({ tokens }: Statement): string | undefined {
  const before = tokens.findIndex(
    ({ kind, text }, index) =>
      index > 0 &&
      kind === 'word' &&
      BEFORE_NAME.test(text.toUpperCase()) &&
      !BEFORE_NAME.test(tokens[index + 1]?.text.toUpperCase() ?? ''),
  );
  const isConstraint = tokens[0]?.text.toUpperCase() === 'ALTER';
  const start = isConstraint ? tokens.findIndex(({ text }) => text.toUpperCase() === 'CONSTRAINT') : before;
  if (start === -1 || /^(?:COMMENT|GRANT|REVOKE)$/i.test(tokens[0]?.text ?? '')) return undefined;
  const found = nameAt(tokens, skipNoise(tokens, start + 1))?.name;
  const last = found?.split('.').at(-1);
  return last?.startsWith('"') ? last.slice(1, -1).replaceAll('""', '"') : last?.toLowerCase();
}
