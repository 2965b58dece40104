import { Type } from 'typebox';
import { Id, NullableIp, NullableUserAgent, Timestamp } from '../common.ts';

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
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
  },
  { title: 'Session' },
);
