import { product } from '../../app/product.ts';
import type { Recorded } from './rows.ts';

/** The part of an OpenAPI document that resources follow from. */
export interface Document {
  paths?: Readonly<Record<string, Readonly<Record<string, Operation | undefined>> | undefined>>;
  components?: { schemas?: Readonly<Record<string, Schema>> };
}

interface Operation {
  tags?: readonly string[];
  parameters?: readonly { name: string; in: string; schema?: Schema }[];
  requestBody?: { content?: Readonly<Record<string, { schema?: Schema }>> };
  responses?: Readonly<Record<string, { content?: Readonly<Record<string, { schema?: Schema }>> }>>;
  'x-console'?: false | readonly string[];
}

interface Schema {
  $ref?: string;
  type?: string | readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  format?: string;
  enum?: readonly unknown[];
  maxLength?: number;
}

/** A table of the product as the console shows it. */
export interface Resource {
  path: string;
  title: string;
  columns: readonly string[];
  row: Body;
  filters: readonly { name: string; schema: Schema }[];
  create: Body | null;
  update: Body | null;
  recorded: Recorded;
  can_read: boolean;
  can_delete: boolean;
}

interface Body {
  properties: Readonly<Record<string, Schema>>;
  required: readonly string[];
}

const MOST_COLUMNS = 5;
const LONG = 500;
const PAGING = new Set(['limit', 'cursor']);

/** The lists at the first level of the product's paths, with what can be done to their rows: the API's own operations. */
export function resourcesOf(document: Document, recorded: ReadonlyMap<string, Recorded>): Resource[] {
  const tags = Object.keys(product.tags);
  return Object.entries(document.paths ?? {}).flatMap(([path, methods = {}]) => {
    const list = methods.get;
    const isOfProduct = list?.tags?.some((tag) => tags.includes(tag)) ?? false;
    if (list === undefined || !isOfProduct || !/^\/[\w-]+$/.test(path) || list['x-console'] === false) return [];
    const row = rowOf(document, list);
    const ofPath = recorded.get(path) ?? { methods: [], can_own: false };
    return row === undefined ? [] : [{ ...resourceOf(document, { path, list, row }), recorded: ofPath }];
  });
}

function resourceOf(
  document: Document,
  { path, list, row }: { path: string; list: Operation; row: Body },
): Omit<Resource, 'recorded'> {
  const one = document.paths?.[`${path}/{id}`] ?? {};
  const { 'x-console': chosen, parameters = [], tags = [] } = list;
  return {
    ...{ path, row, title: tags[0] ?? path, columns: chosen || columnsOf(row) },
    filters: parameters
      .filter(({ name, in: place }) => place === 'query' && !PAGING.has(name))
      .map(({ name, schema = {} }) => ({ name, schema: resolved(document, schema) })),
    create: bodyOf(document, document.paths?.[path]?.post),
    update: bodyOf(document, one.patch),
    can_read: one.get !== undefined,
    can_delete: one.delete !== undefined,
  };
}

/** The schema of a row; `undefined` for an operation that answers no page. */
function rowOf(document: Document, { responses = {} }: Operation): Body | undefined {
  const page = resolved(document, responses['200']?.content?.['application/json']?.schema ?? {});
  const { items: rows, next_cursor } = page.properties ?? {};
  if (rows?.items === undefined || next_cursor === undefined) return undefined;
  const row = resolved(document, rows.items);
  return row.properties?.id === undefined ? undefined : asBody(document, row);
}

function bodyOf(document: Document, operation: Operation | undefined): Body | null {
  const schema = operation?.requestBody?.content?.['application/json']?.schema;
  return schema === undefined ? null : asBody(document, resolved(document, schema));
}

function asBody(document: Document, { properties = {}, required = [] }: Schema): Body {
  const entries = Object.entries(properties).map(([name, schema]) => [name, resolved(document, schema)] as const);
  return { properties: Object.fromEntries(entries), required };
}

/** The first text names a row; ids and long texts stand on the page of the row. */
function columnsOf({ properties }: Body): string[] {
  const names = Object.keys(properties).filter((name) => {
    const { maxLength = 0, type } = properties[name] ?? {};
    return name !== 'id' && name !== 'updated_at' && maxLength <= LONG && type !== 'object' && type !== 'array';
  });
  const label = names.find((name) => isPlainText(properties[name] ?? {}) && !name.endsWith('_id')) ?? 'id';
  return [...new Set([label, ...names])].slice(0, MOST_COLUMNS);
}

function isPlainText({ type, format, enum: words }: Schema): boolean {
  return [type].flat().includes('string') && format === undefined && words === undefined;
}

function resolved({ components }: Document, schema: Schema): Schema {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  return name === undefined ? schema : (components?.schemas?.[name] ?? {});
}
