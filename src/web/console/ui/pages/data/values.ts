import { ApiError } from 'back-client';
import type { VNode } from 'preact';
import { el, h } from '../../el.ts';
import type { Field, Values } from '../../parts/form.ts';
import { Who } from '../../parts/who.ts';
import { Id, mark, short, Time } from '../../parts/words.ts';
import { hrefOf } from '../../place.ts';
import { type BodySchema, isNullable, nameOf, type Row, typeOf, type ValueSchema, wordOf } from '../../resources.ts';
import { finderOf, targetOf } from './references.ts';

const LONG = 500;

/** A value as a list or a page shows it. */
export function shown(name: string, value: unknown, schema: ValueSchema | undefined): VNode | string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? mark('ok', 'yes') : mark('plain', 'no');
  if (typeof value !== 'string')
    return typeof value === 'number' ? String(value) : el.code(null, JSON.stringify(value));
  if (schema?.format === 'date-time') return h(Time, { at: value });
  if (name === 'id') return h(Id, { id: value });
  const target = targetOf(name);
  if (target === undefined) return value;
  if (target === 'user') return h(Who, { id: value });
  return el.a({ href: hrefOf(`/data/${nameOf(target)}/${value}`), title: value }, short(value));
}

/** The name of a value: `owner_id` is the owner if the console knows whom it names. */
export function titleOf(name: string): string {
  return wordOf(targetOf(name) === undefined ? name : name.slice(0, -'_id'.length));
}

/** The inputs of a body, with the values of the row that is changed. */
export function fieldsOf({ properties, required }: BodySchema, row: Row | undefined): Field[] {
  return Object.entries(properties).map(([name, schema]) => ({
    ...{
      name,
      label: titleOf(name),
      required: required.includes(name) || (row !== undefined && !isNullable(schema)),
    },
    ...inputOf(name, schema),
    ...(schema.description !== undefined && { help: schema.description }),
    value: row === undefined ? initialOf(schema) : textOf(row[name], schema),
  }));
}

function inputOf(name: string, schema: ValueSchema): Pick<Field, 'type' | 'choices' | 'maxLength' | 'finder'> {
  const type = typeOf(schema);
  const finder = finderOf(name);
  if (finder !== undefined) return { type: 'reference', finder };
  if (schema.enum !== undefined) {
    const words = schema.enum.filter((word) => word !== null).map((word) => [String(word), String(word)] as const);
    return { type: 'choice', choices: [['', '–'], ...words] };
  }
  if (type === 'boolean')
    return {
      type: 'choice',
      choices: [
        ['', '–'],
        ['true', 'yes'],
        ['false', 'no'],
      ],
    };
  if (type === 'integer' || type === 'number') return { type: 'number' };
  if (type === 'object' || type === 'array') return { type: 'area' };
  if (schema.format === 'date') return { type: 'date' };
  if (schema.format === 'date-time') return { type: 'datetime-local' };
  return { type: (schema.maxLength ?? LONG) >= LONG ? 'area' : 'text', maxLength: schema.maxLength };
}

function initialOf({ default: given }: ValueSchema): string {
  return given === undefined || given === null ? '' : String(given);
}

function textOf(value: unknown, { format }: ValueSchema): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value, undefined, 2);
  // The input has no zone; it is read and written in that of the reader.
  if (format === 'date-time') {
    const time = new Date(String(value));
    return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }
  return String(value);
}

/** The body that the inputs mean; of a change, what differs from the row alone. */
export function bodyOf({ properties }: BodySchema, values: Values, row: Row | undefined): Record<string, unknown> {
  const entries = Object.entries(properties).flatMap(([name, schema]) => {
    const text = values[name] ?? '';
    const isSame = row !== undefined && text === textOf(row[name], schema);
    if (isSame || (text === '' && row === undefined)) return [];
    return [[name, meantBy(name, text, schema)]];
  });
  return Object.fromEntries(entries);
}

function meantBy(name: string, text: string, schema: ValueSchema): unknown {
  const type = typeOf(schema);
  if (text === '' && isNullable(schema)) return null;
  if (type === 'integer' || type === 'number') return Number(text);
  if (type === 'boolean') return text === 'true';
  if (type === 'object' || type === 'array') return jsonOf(name, text);
  return schema.format === 'date-time' ? new Date(text).toISOString() : text;
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const errors = [{ loc: ['body', name], msg: 'is no JSON', type: 'format' }];
    throw new ApiError({
      status: 422,
      code: 'validation_failed',
      title: 'Not valid',
      detail: 'A value is no JSON',
      errors,
    });
  }
}
