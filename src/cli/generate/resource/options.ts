import { CommandError } from '../../ui/errors.ts';
import type { Layer } from './layers.ts';
import type { Names } from './names.ts';
import { type Change, nestedChanges } from './nested.ts';
import { publicReadChanges } from './public-read.ts';

/** How a resource differs from `items`, beside its fields. */
export interface Options {
  /** DELETE keeps the row. */
  isSoftDeleted: boolean;
  /** Every user sees the rows of all; only the owner changes them. */
  isPublic: boolean;
  /** The text field that `?search=` looks into. */
  search?: string;
  /** What it stands in: its list and its POST are beneath one of those. */
  under?: Names;
}

/** The template of a layer with the changes of the options; the text is still about `items`. */
export function withOptions(layer: Layer, text: string, resource: { names: Names; options: Options }): string {
  return changesOf(layer, resource).reduce((text, [from, to]) => {
    if (!text.includes(from))
      throw new CommandError(`The ${layer} of items is no template any more: it should have\n${from}`);
    return text.replaceAll(from, () => to);
  }, text);
}

function changesOf(layer: Layer, { names, options }: { names: Names; options: Options }): Change[] {
  return [
    ...(options.search === undefined ? [] : (searchChanges(options.search)[layer] ?? [])),
    ...(options.isPublic ? (publicReadChanges({ isNested: options.under !== undefined })[layer] ?? []) : []),
    ...(options.isSoftDeleted ? (softDeleteChanges(options)[layer] ?? []) : []),
    ...(options.under === undefined ? [] : (nestedChanges(options.under, names)[layer] ?? [])),
  ];
}

const OWNER_INDEX = "index('items_owner_id_idx').on(table.owner_id, table.id)";
const RULE = "user.role === 'admin' ? isOfOpenAccount(items.owner_id) : eq(items.owner_id, user.id)";

const OPEN = 'return isOfOpenAccount(items.owner_id);';

function softDeleteChanges({ isPublic }: Options): Partial<Record<Layer, Change[]>> {
  const rule = isPublic ? 'isChangeableBy' : 'isVisibleTo';
  return {
    model: [['...timestamps(),', '...timestamps(),\n    ...deletedAt(),']],
    test: [
      ["it('make room when one is deleted'", "it('count on when one is deleted, since its row is kept'"],
      [
        '    expect((await createAs()).statusCode).toBe(201);\n    expect((await createAs()).statusCode).toBe(409);',
        '    expect((await createAs()).statusCode).toBe(409);',
      ],
    ],
    service: [
      ["import { and, eq, type SQL } from 'drizzle-orm';", "import { and, eq, type SQL, sql } from 'drizzle-orm';"],
      ["import { columnsOf } from '../utils/columns.ts';", "import { columnsOf, isAlive } from '../utils/columns.ts';"],
      [RULE, `and(isAlive(items), ${RULE})`],
      [`function ${rule}({ user }: Actor): SQL {`, `function ${rule}({ user }: Actor): SQL | undefined {`],
      ...(isPublic
        ? ([
            [OPEN, `return and(isAlive(items), ${OPEN.slice(7, -1)});`],
            ['function isVisible(): SQL {', 'function isVisible(): SQL | undefined {'],
          ] as Change[])
        : []),
      ['/** Deletes the item; throws', '/** Hides the item from everybody, and keeps its row; throws'],
      ['    .delete(items)\n', '    .update(items)\n    .set({ deleted_at: sql`now()` })\n'],
    ],
  };
}

function searchChanges(field: string): Partial<Record<Layer, Change[]>> {
  return {
    model: [
      [
        OWNER_INDEX,
        `${OWNER_INDEX}, index('items_${field}_search_idx').using('gin', sql\`to_tsvector('simple', \${table.${field}})\`)`,
      ],
      ['import { index,', "import { sql } from 'drizzle-orm';\nimport { index,"],
    ],
    schema: [
      [
        '\nexport type ItemCreate =',
        "\nexport const ItemQuery = Type.Object(\n  {\n    ...PageQuery.properties,\n    search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Beginnings of words of the " +
          `${field.replaceAll('_', ' ')}' })),\n  },\n  closed,\n);\n\nexport type ItemCreate =`,
      ],
    ],
    service: [
      ['request: PageRequest', 'request: PageRequest & { search?: string }'],
      ['where: isVisibleTo(actor), order', 'where: and(isVisibleTo(actor), matches(FILTERS, request)), order'],
      [
        'const columns = columnsOf(items, Item);\n',
        `const columns = columnsOf(items, Item);\nconst FILTERS = { search: hasWords(items.${field}) };\n`,
      ],
      ['import { newestFirst,', "import { hasWords, matches } from '../utils/filters.ts';\nimport { newestFirst,"],
    ],
    route: [
      ['querystring: PageQuery', 'querystring: ItemQuery'],
      ['IdParams, PageOf, PageQuery', 'IdParams, PageOf'],
      ['{ Item, ItemCreate, ItemUpdate }', '{ Item, ItemCreate, ItemQuery, ItemUpdate }'],
    ],
  };
}
