import { closed } from '../common.ts';
import { Type } from '../type.ts';

export const FactorRemoval = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500, description: 'Recorded in the audit events' }) },
  { ...closed, title: 'FactorRemoval', examples: [{ reason: 'The phone is lost; identified by video call' }] },
);
