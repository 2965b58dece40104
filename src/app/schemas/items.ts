import { Type } from 'typebox';
import { closed, Id, NullableString, Timestamp } from './common.ts';

const Title = Type.String({ minLength: 1, maxLength: 200, examples: ['Water the plants'] });
const Description = NullableString({ maxLength: 10_000, examples: ['Both pots on the balcony'] });

export const Item = Type.Object(
  { id: Id, title: Title, description: Description, owner_id: Id, created_at: Timestamp, updated_at: Timestamp },
  { title: 'Item' },
);

export const ItemCreate = Type.Object(
  { title: Title, description: Type.Optional(Description) },
  {
    ...closed,
    title: 'ItemCreate',
    examples: [{ title: 'Water the plants', description: 'Both pots on the balcony' }],
  },
);

export const ItemUpdate = Type.Object(
  { title: Type.Optional(Title), description: Type.Optional(Description) },
  { ...closed, title: 'ItemUpdate', minProperties: 1, examples: [{ title: 'Water the plants twice' }] },
);
