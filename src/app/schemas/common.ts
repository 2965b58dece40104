import { type Static, type TSchema, Type } from './type.ts';

/** An object schema with this option refuses unknown fields. */
export const closed = { additionalProperties: false } as const;

export const Id = Type.String({
  format: 'uuid',
  pattern: '^[0-9a-f-]{36}$',
  examples: ['019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d'],
});

/** An answer without content, of another status than 204. */
export const Nothing = Type.Unsafe<undefined>({ type: 'null' });

export const IdParams = Type.Object({ id: Id }, closed);

/** An instant in an answer. */
export const Timestamp = instant<string>();

/** An instant that a service has as a Date. */
export const DateTimestamp = instant<Date>();

/** An instant that a client sends; PostgreSQL reads every offset, and answers are in UTC. */
export const Moment = Type.String({
  format: 'date-time',
  // The format admits a leap second and the year 0, which PostgreSQL does not have.
  pattern: '^(?!0000)\\d{4}-.*T\\d\\d:\\d\\d:[0-5]\\d',
  maxLength: 40,
  examples: ['2026-11-23T07:07:55.426Z'],
});

/** A day of the calendar. */
export const DateOnly = Type.String({ format: 'date', pattern: '^(?!0000)', maxLength: 10, examples: ['2026-11-23'] });

/** An exact number as text, since JSON's numbers are rounded: an amount of money with two places, below 10^13. */
export const Money = Type.String({ pattern: '^-?\\d{1,13}\\.\\d{2}$', maxLength: 17, examples: ['19.90'] });

/** A free object. */
export const Json = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  additionalProperties: true,
  maxProperties: 100,
});

/** One of a model's words: `enumOf(NOTE_STATUSES)`. */
export function enumOf<const W extends readonly string[]>(words: W, options: { examples?: W[number][] } = {}) {
  return Type.Unsafe<W[number]>({ type: 'string', enum: [...words], ...options });
}

/** The schema's values or null, in the form of OpenAPI 3.1 and JSON Schema. */
export function nullable<S extends TSchema>(schema: S) {
  const { type, enum: words, ...rest } = schema as S & { type: string; enum?: unknown[] };
  return Type.Unsafe<Static<S> | null>({
    ...rest,
    type: [...new Set([type, 'null'].flat())],
    ...(words && { enum: [...words, null] }),
  });
}

/** A list of at most `maxItems` values. */
export function listOf<S extends TSchema>(schema: S, { maxItems = 100 }: { maxItems?: number } = {}) {
  return Type.Array(schema, { maxItems });
}

/** An id or null. */
export function NullableId(options: { description: string }) {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid', ...options });
}

/** A stored client address; the length allows for the zone of a link-local address. */
export const NullableIp = NullableString({ maxLength: 64, examples: ['203.0.113.7'] });

/** A stored user agent, which is cut to this length. */
export const NullableUserAgent = NullableString({ maxLength: 255 });

/** A string or null, in the form of OpenAPI 3.1 and JSON Schema. */
export function NullableString(
  options: { minLength?: number; maxLength?: number; description?: string; examples?: string[] } = {},
) {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], ...options });
}

/** A cursor may hold a text of 200 characters, each of four bytes, by which the list is sorted. */
const MAX_CURSOR = 1200;

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Rows on the page' })),
    cursor: Type.Optional(
      Type.String({ minLength: 1, maxLength: MAX_CURSOR, description: '`next_cursor` of the page before' }),
    ),
  },
  closed,
);

/** The wire form of a page of `item`s. */
export function PageOf<T extends TSchema & { title?: string }>(item: T) {
  if (item.title === undefined) throw new Error('The schema of a page’s items needs a title');
  return Type.Object(
    {
      items: Type.Array(item),
      next_cursor: NullableString({
        maxLength: MAX_CURSOR,
        description: 'Ask for the next page with it; null on the last one',
      }),
    },
    { title: `${item.title}Page` },
  );
}

function instant<T>() {
  return Type.Unsafe<T>({ type: 'string', format: 'date-time', examples: ['2026-11-23T07:07:55.426Z'] });
}
