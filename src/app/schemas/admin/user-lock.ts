import { Type } from '../type.ts';

export const UserLock = Type.Object(
  {
    is_locked: Type.Boolean({ description: 'Devices that the account does not know get one attempt a day' }),
    failures_in_a_row: Type.Integer({
      minimum: 0,
      description: 'Failed logins on unknown devices since the last right one',
    }),
    last_failed_at: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' }),
  },
  { title: 'UserLock' },
);
