import { type TSchema, Type } from 'typebox';

/** An object schema with this option refuses unknown fields. */
export const closed = { additionalProperties: false } as const;

export const Id = Type.String({
  format: 'uuid',
  pattern: '^[0-9a-f-]{36}$',
  examples: ['019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d'],
});

export const IdParams = Type.Object({ id: Id }, closed);

/** A Date, or text in the form of an answer. */
export const Timestamp = Type.Unsafe<Date | string>({
  type: 'string',
  format: 'date-time',
  examples: ['2026-11-23T07:07:55.426Z'],
});

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

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Rows on the page' })),
    cursor: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: '`next_cursor` of the page before' }),
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
        maxLength: 64,
        description: 'Ask for the next page with it; null on the last one',
      }),
    },
    { title: `${item.title}Page` },
  );
}
