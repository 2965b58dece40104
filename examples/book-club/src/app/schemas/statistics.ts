import { Type } from 'typebox';

export const Statistics = Type.Object({ lent: Type.Integer(), overdue: Type.Integer() }, { title: 'Statistics' });
