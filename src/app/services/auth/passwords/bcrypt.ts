import { createRequire } from 'node:module';
import { later } from '../../../utils/later.ts';

const require = createRequire(import.meta.url);

/** A start hashes nothing. */
export const bcrypt = later(() => require('bcrypt') as typeof import('bcrypt'));
