import { DateTimestamp, Id, NullableIp, NullableUserAgent } from '../common.ts';
import { Type } from '../type.ts';

export const Session = Type.Object(
  {
    id: Id,
    current: Type.Boolean({ description: 'The session that asks' }),
    ip: NullableIp,
    user_agent: NullableUserAgent,
    device: Type.String({
      maxLength: 64,
      description: 'The user agent in a few words',
      examples: ['Firefox on Windows'],
    }),
    created_at: DateTimestamp,
    last_used_at: DateTimestamp,
    expires_at: DateTimestamp,
  },
  { title: 'Session' },
);
