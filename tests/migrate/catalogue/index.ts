import type { Change } from './change.ts';
import { constraintChanges } from './constraints.ts';
import { declaredChanges } from './declared.ts';
import { mixedChanges } from './mixed.ts';
import { nameChanges } from './names.ts';
import { numberChanges } from './numbers.ts';
import { objectChanges } from './objects.ts';
import { orderChanges } from './order.ts';
import { situationChanges } from './situations.ts';
import { tableChanges } from './tables.ts';
import { typeChanges } from './types.ts';

/** Every change that autogenerate has to master. */
export const catalogue: readonly Change[] = [
  ...tableChanges,
  ...typeChanges,
  ...constraintChanges,
  ...objectChanges,
  ...declaredChanges,
  ...orderChanges,
  ...numberChanges,
  ...nameChanges,
  ...mixedChanges,
  ...situationChanges,
];
