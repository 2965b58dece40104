import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../../ui/errors.ts';
import type { Field } from './fields.ts';
import { LAYERS, type Layer } from './layers.ts';
import { camel, kebab, type Names, quotaOf, sentenceCase, words } from './names.ts';
import { type Options, withOptions } from './options.ts';
import { withReferences, withThings } from './references.ts';
import { renamed } from './rename.ts';
import { type RenderedField, renderField } from './render.ts';

export type LayerTexts = Record<Layer, string>;

/** The copy of the template's files. */
export const TEMPLATE_COPY = 'src/cli/generate/resource/template.json';

export const ITEMS: Names = { plural: 'items', singular: 'item' };

/** The fields of `items`, as the generator writes them. */
export const ITEM_FIELDS: readonly Field[] = [
  {
    name: 'title',
    kind: 'string',
    arguments: [],
    isList: false,
    presence: 'required',
    examples: { value: "'Water the plants'", change: "'Water the plants twice'" },
  },
  {
    name: 'description',
    kind: 'text',
    arguments: [],
    isList: false,
    presence: 'nullable',
    examples: { value: "'Both pots on the balcony'", change: "'The pot on the balcony'" },
  },
];

/** Where the files of a resource are. */
export function pathsOf({ plural }: Names): Record<Layer, string> {
  const file = kebab(plural);
  return {
    model: `src/app/models/${file}.ts`,
    schema: `src/app/schemas/${file}.ts`,
    service: `src/app/services/${file}.ts`,
    route: `src/app/routes/${file}.ts`,
    test: `tests/app/routes/${file}.test.ts`,
  };
}

/** True if all files of the template stand here; a product may lack `items`, a folder that only runs lacks their test. */
export function hasTemplate(root: string): boolean {
  return Object.values(pathsOf(ITEMS)).every((path) => existsSync(join(root, path)));
}

/** The template's files: those of `items`, or the copy that the kit keeps of them. */
export function readTemplate(root: string): LayerTexts {
  const paths = pathsOf(ITEMS);
  if (!hasTemplate(root)) return JSON.parse(readFileSync(join(root, TEMPLATE_COPY), 'utf8')) as LayerTexts;
  const texts = LAYERS.map((layer) => [layer, readFileSync(join(root, paths[layer]), 'utf8')]);
  return Object.fromEntries(texts) as LayerTexts;
}

export interface Resource {
  names: Names;
  fields: readonly Field[];
  options: Options;
}

/** The resource's files: the template with other fields, with the options, and renamed. Their form is not the formatter's yet. */
export function resourceTexts(template: LayerTexts, { names, fields, options }: Resource): LayerTexts {
  const from = ITEM_FIELDS.map((field) => renderField(field, ITEMS));
  // Rendered with the final names, which the renaming leaves alone.
  const to = fields.map((field) => renderField(field, names));
  const texts = Object.fromEntries(
    LAYERS.map((layer) => {
      const blocks = BLOCKS[layer];
      const marked = blocks.reduce(
        (text, block, index) => swap(text, block(from, ITEMS), mark(index), layer),
        template[layer],
      );
      const text = renamed(withOptions(layer, marked, { names, options }), names);
      return [layer, blocks.reduce((text, block, index) => text.replace(mark(index), () => block(to, names)), text)];
    }),
  ) as LayerTexts;
  return withFieldNeeds(texts, fields, names);
}

/** Adds what fields need outside of their own lines: imports, words of enums, constraints, checks of references. */
export function withFieldNeeds(texts: LayerTexts, fields: readonly Field[], names: Names): LayerTexts {
  const rendered = fields.map((field) => renderField(field, names));
  const whole = withReferences(withImports(texts, rendered, names), { names, fields });
  return { ...whole, test: withThings(whole.test, fields, names) };
}

function mark(index: number): string {
  return `/*${index}*/`;
}

/** Replaces the only place that has a text. */
function swap(text: string, from: string, to: string, where: string): string {
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new CommandError(
      `The ${where} of items is no template any more: it should have once what the generator replaces:\n${from}`,
    );
  return parts.join(to);
}

type Block = (fields: readonly RenderedField[], names: Names) => string;

const lines = (fields: readonly RenderedField[], line: (field: RenderedField) => string): string =>
  fields.map(line).join('\n');

const given = ({ field }: RenderedField): boolean => field.kind !== 'ref';

const isInBody = ({ field }: RenderedField): boolean => !field.isFromPath;

/** Fields of the example body: all but references that may be left out. */
const isShown = (one: RenderedField): boolean => given(one) || (one.field.presence === 'required' && isInBody(one));

/** `{ title: 'Water the plants' }` */
function object(fields: readonly RenderedField[], value: (field: RenderedField) => string): string {
  return `{ ${fields.map((field) => `${field.field.name}: ${value(field)}`).join(', ')} }`;
}

/** The fields of the shortest body: what it must give, or the first one. */
function needed(fields: readonly RenderedField[]): readonly RenderedField[] {
  const required = fields.filter((one) => given(one) && one.field.presence === 'required');
  return required.length > 0 ? required : fields.filter(given).slice(0, 1);
}

/** False for a reference that must be there: what it leads to is made by the test. */
const isStatic = (one: RenderedField): boolean => given(one) || one.field.presence !== 'required';

const changed = (fields: readonly RenderedField[]): string =>
  object(fields.filter(given).slice(0, 1), ({ change }) => change);

const BLOCKS: Record<Layer, readonly Block[]> = {
  model: [(fields) => lines(fields, ({ field, column }) => `    ${field.name}: ${column},`)],
  schema: [
    (fields) => lines(fields, ({ constant, schema }) => `const ${constant} = ${schema};`),
    (fields) => `  {\n    id: Id,\n${lines(fields, ({ field, constant }) => `    ${field.name}: ${constant},`)}\n`,
    (fields) =>
      `  {\n${lines(fields.filter(isInBody), ({ field, constant }) =>
        field.presence === 'required'
          ? `    ${field.name}: ${constant},`
          : `    ${field.name}: Type.Optional(${constant}),`,
      )}\n  },\n`,
    (fields) => `examples: [${object(fields.filter(isShown), ({ value }) => value)}]`,
    (fields) => `examples: [${changed(fields)}]`,
  ],
  service: [],
  route: [],
  test: [
    (fields) => `const BODY = ${object(needed(fields), ({ value }) => value)};`,
    (fields) =>
      `const STORED = ${object(fields.filter(isStatic), (field) => (needed(fields).includes(field) ? field.value : field.stored))};`,
    (fields) => `const CHANGE = ${changed(fields)};`,
    (fields) => {
      const bad = [...fields.filter(isInBody).flatMap(({ bad }) => bad), "{ ...BODY, owner_id: 'me' }"];
      const all = fields.some((one) => given(one) && one.field.presence === 'required') ? ['{}', ...bad] : bad;
      return `const BAD: object[] = [\n${all.map((body) => `  ${body},`).join('\n')}\n];`;
    },
  ],
};

/** What the fields need at the head of the files, and the constraints that stand behind the columns. */
function withImports(texts: LayerTexts, fields: readonly RenderedField[], names: Names): LayerTexts {
  const extras = fields.flatMap(({ extra }) => extra ?? []);
  const enums = fields.flatMap(({ words }) => words ?? []);
  const table = `export const ${camel(names.plural)} = pgTable(`;
  const owner = `index('${names.plural}_owner_id_idx').on(table.owner_id, table.id)`;
  const model = texts.model
    .replace(table, () => [...enums, ...(enums.length > 0 ? [''] : []), table].join('\n'))
    .replace(owner, () => [owner, ...extras].join(', '));
  const wordNames = enums.map((words) => /const (\w+)/.exec(words)?.[1] ?? '');
  const words = `import { ${wordNames.join(', ')} } from '../models/${kebab(names.plural)}.ts';\n`;
  const schema = wordNames.length === 0 ? texts.schema : words + texts.schema;
  return {
    ...texts,
    model: withNeeded(withNeeded(model, 'drizzle-orm/pg-core', PG_WORDS), '../utils/columns.ts', COLUMN_WORDS),
    schema: withNeeded(schema, './common.ts', COMMON_WORDS),
  };
}

const PG_WORDS =
  'AnyPgColumn bigint boolean check date doublePrecision index integer jsonb numeric pgTable text uuid'.split(' ');
const COLUMN_WORDS = 'deletedAt isOneOf moment primaryId timestamps'.split(' ');
const COMMON_WORDS = 'closed DateOnly enumOf Id IdParams Json listOf Moment Money nullable PageQuery Timestamp'.split(
  ' ',
);

/** Names in the import from `module` what the rest of the file uses. */
function withNeeded(text: string, module: string, known: readonly string[]): string {
  const [head = '', ...rest] = text.split(` from '${module}';`);
  const begin = head.lastIndexOf('import {');
  const body = rest.join('') + head.slice(0, begin);
  const used = known.filter((word) => new RegExp(`(?<![\\w'])(?<!(?<!\\.\\.)\\.)${word}\\b(?!:)`).test(body));
  return `${head.slice(0, begin)}import { ${used.map((word) => (word === 'AnyPgColumn' ? `type ${word}` : word)).join(', ')} } from '${module}';${rest.join('')}`;
}

/** What a resource declares in `product.ts`: its tag, its error codes, its setting. */
export function declarationsOf({ singular, plural }: Names): { tag: string; codes: string; setting: string } {
  return {
    tag: `${/^\w+$/.test(sentenceCase(plural)) ? sentenceCase(plural) : `'${sentenceCase(plural)}'`}: '${sentenceCase(plural)} of a user'`,
    codes: `${singular}_not_found: { status: 404, title: '${sentenceCase(singular)} not found', message: 'There is no such ${words(singular)}' },
  ${singular}_limit: { status: 409, title: '${sentenceCase(singular)} limit', message: 'The account has as many ${words(plural)} as it may have' },`,
    setting: `${quotaOf(plural)}: setting({ section: 'Product', default: '10000', unit: '${words(plural)}', purpose: 'The most ${words(plural)} that one account may have', parse: integer(1, 1_000_000) }),`,
  };
}
