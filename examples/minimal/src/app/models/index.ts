import type { ConstraintCode } from '../utils/error-codes.ts';
import { kitConstraintCodes, kitModels } from './kit.ts';

/** Every table: what the migrations compare with the database. Yours go beside `items`. */
export const models = { ...kitModels };

/** What the violation of a named constraint means to a client; of a foreign key, in which direction. */
export const constraintCodes: Readonly<Record<string, ConstraintCode>> = { ...kitConstraintCodes };

/** What a table's declaration cannot say (a trigger, a function, a covering index): the SQL that makes it and that takes it away. */
export const objects: Readonly<Record<string, { create: string; drop: string }>> = {};
