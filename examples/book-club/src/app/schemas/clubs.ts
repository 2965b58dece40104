import { closed, Id, Timestamp } from './common.ts';
import { type Static, Type } from './type.ts';

const Name = Type.String({ minLength: 1, maxLength: 100, examples: ['a name'] });
const About = Type.String({ maxLength: 1000, examples: ['an about'] });

export type Club = Static<typeof Club>;
export const Club = Type.Object(
  {
    id: Id,
    name: Name,
    about: About,
    owner_id: Id,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'Club' },
);

export type ClubCreate = Static<typeof ClubCreate>;
export const ClubCreate = Type.Object(
  {
    name: Name,
    about: Type.Optional(About),
  },
  {
    ...closed,
    title: 'ClubCreate',
    examples: [{ name: 'a name', about: 'an about' }],
  },
);

export type ClubUpdate = Static<typeof ClubUpdate>;
export const ClubUpdate = Type.Partial(ClubCreate, {
  ...closed,
  title: 'ClubUpdate',
  minProperties: 1,
  examples: [{ name: 'another name' }],
});
