import type { Field, Kind } from './fields.ts';
import { camel, type Names, pascal, pluralOf, withArticle, words } from './names.ts';

interface KindText {
  column: string;
  schema: (examples: string) => string;
  /** TypeScript of a value, of another one, of the column's default, and of a value that is refused. */
  value: string;
  change: string;
  initial: string;
  bad: string;
}

const KIND_TEXTS: Record<Exclude<Kind, 'enum' | 'ref' | 'string' | 'text'>, KindText> = {
  int: number('integer()', 'Type.Integer({ minimum: -2_147_483_648, maximum: 2_147_483_647', ['1', '2']),
  bigint: number(
    "bigint({ mode: 'number' })",
    'Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER',
    ['1', '2'],
  ),
  float: number('doublePrecision()', 'Type.Number({ minimum: -1e300, maximum: 1e300', ['1.5', '2.5']),
  bool: { ...plain('boolean()', 'Type.Boolean()', ['true', 'false']), initial: 'false', bad: "'x'" },
  money: { ...plain('numeric({ precision: 15, scale: 2 })', 'Money', ["'19.90'", "'20.00'"]), initial: "'0.00'" },
  date: plain('date()', 'DateOnly', ["'2026-11-23'", "'2026-11-24'"]),
  timestamp: plain('moment()', 'Moment', ["'2026-11-23T07:07:55.426Z'", "'2026-11-24T07:07:55.426Z'"]),
  uuid: plain('uuid()', 'Id', ["'019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d'", "'019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3e'"]),
  json: {
    ...plain('jsonb().$type<Record<string, unknown>>()', 'Json', ["{ key: 'value' }", "{ key: 'other' }"]),
    initial: '{}',
  },
};

function plain(column: string, schema: string, [value, change]: [string, string]): KindText {
  return { column, schema: () => schema, value, change, initial: 'null', bad: '1' };
}

function number(column: string, schema: string, [value, change]: [string, string]): KindText {
  return { column, schema: (examples) => `${schema}, ${examples} })`, value, change, initial: '0', bad: "'x'" };
}

/** A field in every layer. Everything is TypeScript source. */
export interface RenderedField {
  field: Field;
  /** The declaration of the column, and what stands above and behind the columns for it. */
  column: string;
  words?: string;
  extra?: string;
  /** The schema's constant: its name and its value. */
  constant: string;
  schema: string;
  value: string;
  change: string;
  /** What is stored if a body does not give it. */
  stored: string;
  bad: string[];
}

/** Writes a field of the resource in every layer. */
export function renderField(field: Field, { plural, singular }: Names): RenderedField {
  const { name, presence, isList } = field;
  const text = textOf(field, { plural, singular });
  const wordsName = field.kind === 'enum' ? enumName(field, singular) : undefined;
  const example = isList ? `[${text.value}]` : text.value;
  const initial = isList ? '[]' : text.initial;
  const element = text.schema(`examples: [${text.value}]`);
  const schema = isList ? `listOf(${element})` : element;
  const column = `${text.column}${isList ? '.array()' : ''}${presence === 'nullable' ? '' : '.notNull()'}`;
  return {
    field,
    column: presence === 'default' ? `${column}.default(${initial})` : column,
    ...(wordsName && {
      words: `export const ${wordsName} = [${field.arguments.map((word) => `'${word}'`).join(', ')}] as const;`,
    }),
    ...extraOf(field, { plural, singular }),
    constant: constantOf(name, singular),
    schema: presence === 'nullable' ? `nullable(${schema})` : schema,
    value: example,
    change: isList ? `[${text.change}]` : text.change,
    stored: presence === 'nullable' ? 'null' : initial,
    bad: badOf(field, text.bad),
  };
}

/** The name of an enum's words: `NOTE_STATUSES`. */
function enumName({ name }: Field, singular: string): string {
  return `${singular}_${pluralOf(name)}`.toUpperCase();
}

function textOf(field: Field, { plural, singular }: Names): KindText {
  const { kind, arguments: args, presence } = field;
  if (kind === 'string' || kind === 'text') return textOfString(field);
  if (kind === 'enum') {
    const name = enumName(field, singular);
    const quoted = args.map((word) => `'${word}'`);
    const [value = "''", change = value] = quoted;
    return { ...plain(`text({ enum: ${name} })`, `enumOf(${name})`, [value, change]), initial: value };
  }
  if (kind === 'ref') {
    const onDelete = presence === 'nullable' ? 'set null' : 'cascade';
    const target = camel(args[0] ?? '');
    // A table that refers to itself cannot infer its own type.
    const type = args[0] === plural ? ': AnyPgColumn' : '';
    return { ...KIND_TEXTS.uuid, column: `uuid().references(()${type} => ${target}.id, { onDelete: '${onDelete}' })` };
  }
  return KIND_TEXTS[kind];
}

function textOfString({ name, kind, arguments: [length], presence, isList, examples }: Field): KindText {
  const max = Number(length ?? (kind === 'string' ? 200 : 10_000));
  const min = presence === 'required' && !isList ? 'minLength: 1, ' : '';
  return {
    column: 'text()',
    schema: (given) => `Type.String({ ${min}maxLength: ${grouped(max)}, ${given} })`,
    value: examples?.value ?? `'${cut(`${withArticle(name)}`, max)}'`,
    change: examples?.change ?? `'${cut(`another ${words(name)}`, max)}'`,
    initial: "''",
    bad: '1',
  };
}

/** `Title`; another name if the schema's file uses that one. */
function constantOf(name: string, singular: string): string {
  const constant = pascal(name);
  const taken = ['Type', 'Static', 'Id', 'Timestamp', 'Moment', 'DateOnly', 'Money', 'Json', 'Number', 'PageQuery'];
  const own = ['', 'Create', 'Update', 'Query'].map((end) => pascal(singular) + end);
  return [...taken, ...own].includes(constant) ? `${constant}Value` : constant;
}

function extraOf(field: Field, { plural, singular }: Names): { extra?: string } {
  const { name, kind, isList, isFromPath } = field;
  if (kind === 'enum' && !isList)
    return { extra: `check('${plural}_${name}_check', isOneOf(table.${name}, ${enumName(field, singular)}))` };
  if (kind === 'ref')
    return { extra: `index('${plural}_${name}_idx').on(table.${name}${isFromPath ? ', table.id' : ''})` };
  return {};
}

/** Bodies that are refused for this field. */
function badOf({ name, kind, presence, isList, arguments: [length] }: Field, bad: string): string[] {
  const one = isList ? `{ ...BODY, ${name}: 1 }` : `{ ...BODY, ${name}: ${bad} }`;
  const isShort = presence === 'required' && (kind === 'string' || kind === 'text') && !isList;
  if (!isShort) return [one];
  const max = Number(length ?? (kind === 'string' ? 200 : 10_000));
  return [`{ ...BODY, ${name}: '' }`, `{ ...BODY, ${name}: 'x'.repeat(${grouped(max + 1)}) }`, one];
}

function cut(text: string, length: number): string {
  return text.slice(0, length).trim();
}

/** `10_000`, as the linter writes it. */
function grouped(value: number): string {
  return value < 10_000 ? String(value) : String(value).replace(/(\d)(?=(\d{3})+$)/g, '$1_');
}
