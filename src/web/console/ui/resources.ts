import { signal } from '@preact/signals';
import { send } from './api.ts';

/** The part of JSON Schema that a value's input follows from. */
export interface ValueSchema {
  type?: string | readonly string[];
  enum?: readonly (string | number | null)[];
  format?: string;
  description?: string;
  maxLength?: number;
  default?: unknown;
}

export interface BodySchema {
  properties: Readonly<Record<string, ValueSchema>>;
  required: readonly string[];
}

/** A row as the API answers it. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** A table of the product, as its operations describe it. */
export interface Resource {
  /** The path of the list, such as `/items`. */
  path: string;
  title: string;
  /** The columns of its list. */
  columns: readonly string[];
  row: BodySchema;
  filters: readonly { name: string; schema: ValueSchema }[];
  create: BodySchema | null;
  update: BodySchema | null;
  /** What the console records of it, and whether a row may be created for another user. */
  recorded: { methods: readonly string[]; can_own: boolean };
  can_read: boolean;
  can_delete: boolean;
}

/** The tables of the product; `undefined` until the API has said them. */
export const resources = signal<readonly Resource[] | undefined>(undefined);

export async function learnResources(): Promise<void> {
  resources.value = (await send<{ items: Resource[] }>({ method: 'GET', path: '/console/resources.json' })).items;
}

/** The last segment of a resource's path, by which views name it. */
export function nameOf({ path }: Resource): string {
  return path.slice(1);
}

export function typeOf({ type }: ValueSchema): string {
  const types = [type ?? 'string'].flat();
  return types.find((name) => name !== 'null') ?? 'string';
}

export function isNullable({ type }: ValueSchema): boolean {
  return [type ?? 'string'].flat().includes('null');
}

/** The column that names a row: the first free text, or the id. */
export function labelOf({ row }: Resource): string {
  const found = Object.entries(row.properties).find(
    ([name, schema]) =>
      typeOf(schema) === 'string' &&
      schema.format === undefined &&
      schema.enum === undefined &&
      name !== 'id' &&
      !name.endsWith('_id'),
  );
  return found?.[0] ?? 'id';
}

/** `owner_id` → `Owner id`. */
export function wordOf(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
