import { CommandError } from '../../ui/errors.ts';
import { type Names, namesOf, requireFieldName } from './names.ts';

/** `required`: a body must give it; `nullable`: it may be null and left out; `default`: a column with a default, never null. */
export type Presence = 'required' | 'nullable' | 'default';

export interface Field {
  name: string;
  kind: Kind;
  /** The words of an enum, the table of a reference, the length of a text. */
  arguments: readonly string[];
  isList: boolean;
  presence: Presence;
  /** A reference that the path gives: no body has it. */
  isFromPath?: true;
  /** Values for documents and tests instead of made-up ones. */
  examples?: { value: string; change: string };
}

export const KINDS = [
  'string',
  'text',
  'int',
  'bigint',
  'float',
  'bool',
  'money',
  'date',
  'timestamp',
  'uuid',
  'json',
  'enum',
  'ref',
] as const;
export type Kind = (typeof KINDS)[number];

/** Kinds that have no value that fits every row. */
const WITHOUT_DEFAULT = new Set<Kind>(['date', 'timestamp', 'uuid', 'ref']);
const LISTS = new Set<Kind>(['string', 'int', 'uuid', 'enum']);
const SPEC = /^([^:]+):([a-z]+)(?:\(([^)]*)\))?(\[\])?([!?]?)$/;
const WORD = /^[a-z][a-z0-9_]{0,29}$/;

/** Reads `name:kind(arguments)[]!`: `!` a body must give it, `?` it may be null; otherwise it has a default. */
export function parseField(text: string): Field {
  const [, name = '', kind, args, list, mark] = SPEC.exec(text) ?? [];
  if (kind === undefined || !isKind(kind))
    throw new CommandError(
      `${text} is no field: write name:kind with ${KINDS.join(', ')}, then ! (required) or ? (may be null)`,
    );
  requireFieldName(name);
  const field: Field = {
    name,
    kind,
    arguments: args === undefined ? [] : args.split(',').map((word) => word.trim()),
    isList: list !== undefined,
    presence: presenceOf(mark),
  };
  requireSense(field, text);
  return field;
}

/** Reads the fields of a resource; throws if there is none, or a name comes twice. */
export function parseFields(texts: readonly string[]): Field[] {
  const fields = texts.map(parseField);
  if (fields.length === 0) throw new CommandError('A resource needs a field, such as title:string!');
  if (fields.every(({ kind }) => kind === 'ref'))
    throw new CommandError('A resource needs a field of its own beside its references, such as title:string!');
  const twice = fields.find(({ name }, index) => fields.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw new CommandError(`${twice.name} is there twice`);
  return fields;
}

/** The reference to what a resource stands in. */
export function parentField({ plural, singular }: Names): Field {
  const reference = { name: `${singular}_id`, kind: 'ref', arguments: [plural], isList: false } as const;
  return { ...reference, presence: 'required', isFromPath: true };
}

/** The references of a row that must be there before it: those that a body must give, and the one that the path gives. */
export function neededReferences(fields: readonly Field[]): { name: string; target: string }[] {
  return fields
    .filter(({ kind, presence }) => kind === 'ref' && presence === 'required')
    .map(({ name, arguments: [target = ''] }) => ({ name, target }));
}

function presenceOf(mark: string | undefined): Presence {
  if (mark === '!') return 'required';
  return mark === '?' ? 'nullable' : 'default';
}

function isKind(kind: string): kind is Kind {
  return KINDS.some((known) => known === kind);
}

function requireSense({ kind, arguments: args, isList, presence, name }: Field, text: string): void {
  const refuse = (why: string): never => {
    throw new CommandError(`${text}: ${why}`);
  };
  if (isList && !LISTS.has(kind)) refuse(`there are lists of ${[...LISTS].join(', ')} only`);
  if (presence === 'default' && !isList && WITHOUT_DEFAULT.has(kind))
    refuse(`a ${kind} has no default; end it with ! (required) or ? (may be null)`);
  if (
    kind === 'enum' &&
    (args.length === 0 || new Set(args).size < args.length || !args.every((word) => WORD.test(word)))
  )
    refuse('name its words, each once, as enum(open,done)');
  if (kind === 'ref') {
    if (args.length !== 1) refuse('name its table, as ref(projects)?');
    if (args[0] !== 'users') namesOf(args[0] ?? '');
    if (!name.endsWith('_id')) refuse('the name of a reference ends in _id');
  }
  if ((kind === 'string' || kind === 'text') && (args.length > 1 || !/^([1-9]\d{0,4})?$/.test(args[0] ?? '')))
    refuse(`its length is a number below 100,000, as ${kind}(200)`);
  if (!['enum', 'ref', 'string', 'text'].includes(kind) && args.length > 0)
    refuse(`${kind} takes nothing in parentheses`);
}
