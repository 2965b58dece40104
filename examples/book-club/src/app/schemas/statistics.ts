import { Type } from './type.ts';

export const Statistics = Type.Object({ lent: Type.Integer(), overdue: Type.Integer() }, { title: 'Statistics' });
