import { CommandError } from '../../ui/errors.ts';

/** A resource's name in the forms that code and prose need: `book_copies` and `book_copy` are the stored ones. */
export interface Names {
  plural: string;
  singular: string;
}

/** Words that are neither a variable nor a type in TypeScript, or mean something in every resource's file. */
const RESERVED = new Set(
  `abstract any arguments as async await boolean break case catch class const constructor continue debugger default delete do
  else enum eval export extends false finally for from function get if implements import in instanceof interface let new null
  number object of package private protected public return set static string super switch symbol this throw true try type
  typeof undefined var void while with yield page cursor column list create update remove change changes row stored given
  actor ctx request input reply app config context database error model schema service route test table index sql
  all analyse analyze and array asc both check collate current_user desc distinct end fetch foreign grant group having
  initially into leading limit localtime localtimestamp not offset on only or order_by placing primary references
  returning select session_user some then to trailing union unique using variadic when where window kit health user
  session`.split(/\s+/),
);

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
/** A constraint's name has the table's in it, and PostgreSQL cuts names at 63 bytes. */
const MAX_LENGTH = 30;

/** The forms of a resource's plural name, or one sentence that says why it cannot be one. */
export function namesOf(plural: string): Names {
  if (!NAME.test(plural) || plural.length > MAX_LENGTH)
    throw new CommandError(`${plural} is no name of a resource: write it in snake_case, at most ${MAX_LENGTH} letters`);
  const singular = singularOf(plural);
  if (singular === undefined)
    throw new CommandError(
      `${plural} has no plural that differs from its singular by an s: say ${pluralOf(plural)}, or choose another name`,
    );
  const reserved = [plural, singular].find((word) => RESERVED.has(word));
  if (reserved !== undefined) throw new CommandError(`${reserved} is reserved: choose another name than ${plural}`);
  return { plural, singular };
}

/** The name of a field, or one sentence that says why it cannot be one. */
export function requireFieldName(name: string): void {
  if (!NAME.test(name) || name.length > MAX_LENGTH)
    throw new CommandError(`${name} is no name of a field: write it in snake_case, at most ${MAX_LENGTH} letters`);
  if (OWN_FIELDS.has(name))
    throw new CommandError(`${name} is reserved: every resource has it, or a query of a list does`);
}

const OWN_FIELDS = new Set(
  'id owner_id created_at updated_at deleted_at limit cursor sort search constructor prototype'.split(' '),
);

/** `statuses`, `categories`, `titles`. */
export function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

function singularOf(plural: string): string | undefined {
  if (/[^aeiou]ies$/.test(plural)) return `${plural.slice(0, -3)}y`;
  if (/(ss|x|z|ch|sh|(b|bon|camp|cens|stat|vir)us)es$/.test(plural)) return plural.slice(0, -2);
  if (/(ss|us|is|news|series)$/.test(plural) || !/[a-z0-9]s$/.test(plural)) return undefined;
  return plural.slice(0, -1);
}

/** The setting of how many an account may have: `BOOK_COPIES_PER_ACCOUNT`. */
export function quotaOf(plural: string): string {
  return `${plural}_per_account`.toUpperCase();
}

/** `bookCopies` */
export function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** `BookCopies` */
export function pascal(name: string): string {
  return camel(name).replace(/^./, (letter) => letter.toUpperCase());
}

/** `book-copies` */
export function kebab(name: string): string {
  return name.replaceAll('_', '-');
}

/** `.clubs`, `['book-copies']` */
export function memberOf(key: string): string {
  return /^\w+$/.test(key) ? `.${key}` : `['${key}']`;
}

/** `book copies` */
export function words(name: string): string {
  return name.replaceAll('_', ' ');
}

/** `Book copies` */
export function sentenceCase(name: string): string {
  return words(name).replace(/^./, (letter) => letter.toUpperCase());
}

/** `an order`, `a note` */
export function withArticle(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${words(name)}`;
}
