import { closed, Id, nullable, Timestamp } from './common.ts';
import { type Static, Type } from './type.ts';

const Title = Type.String({ minLength: 1, maxLength: 200, examples: ['Water the plants'] });
const Description = nullable(Type.String({ maxLength: 10_000, examples: ['Both pots on the balcony'] }));

export type Item = Static<typeof Item>;
export const Item = Type.Object(
  {
    id: Id,
    title: Title,
    description: Description,
    owner_id: Id,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'Item' },
);

export type ItemCreate = Static<typeof ItemCreate>;
export const ItemCreate = Type.Object(
  {
    title: Title,
    description: Type.Optional(Description),
  },
  {
    ...closed,
    title: 'ItemCreate',
    examples: [{ title: 'Water the plants', description: 'Both pots on the balcony' }],
  },
);

export type ItemUpdate = Static<typeof ItemUpdate>;
export const ItemUpdate = Type.Partial(ItemCreate, {
  ...closed,
  title: 'ItemUpdate',
  minProperties: 1,
  examples: [{ title: 'Water the plants twice' }],
});
