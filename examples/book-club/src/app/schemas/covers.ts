import { COVER_TYPES } from '../models/covers.ts';
import { Type } from './type.ts';

/** The media types of a cover. */
export const CoverTypes: string[] = [...COVER_TYPES];

const Picture = Type.Unsafe<Buffer>({ description: 'The bytes of the picture' });

/** A picture in one of the types, as a body and as an answer. */
export const Cover = { content: Object.fromEntries(COVER_TYPES.map((type) => [type, { schema: Picture }])) };
