import { closed, Id } from './common.ts';
import { type Static, Type } from './type.ts';

export type CoverSet = Static<typeof CoverSet>;
export const CoverSet = Type.Object(
  { cover_id: Id },
  { ...closed, title: 'CoverSet', examples: [{ cover_id: '01980d9f-6a1b-7c3d-9e2f-4b5a6c7d8e9f' }] },
);
