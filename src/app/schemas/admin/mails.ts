import { ADA, Email } from '../auth/users.ts';
import { closed, DateTimestamp, enumOf, Id, NullableString, nullable, PageQuery } from '../common.ts';
import { Type } from '../type.ts';

const MailState = enumOf(['pending', 'sent', 'dead']);

const Kind = Type.String({ minLength: 1, maxLength: 64, examples: ['reset_password'] });

/** A mail as administrators see it. */
export const Mail = Type.Object(
  {
    id: Id,
    kind: Kind,
    to: Email,
    locale: Type.String({ maxLength: 2, examples: ['en'] }),
    state: MailState,
    attempts: Type.Integer({ description: 'Those that were begun' }),
    last_error: NullableString({ maxLength: 2000, description: 'What the mail server answered last' }),
    created_at: DateTimestamp,
    sent_at: nullable(DateTimestamp),
  },
  { title: 'Mail' },
);

export const MailQuery = Type.Object(
  {
    ...PageQuery.properties,
    state: Type.Optional(MailState),
    to: Type.Optional(
      Type.String({ minLength: 1, maxLength: 254, description: 'The whole address', examples: [ADA.email] }),
    ),
    kind: Type.Optional(Kind),
  },
  closed,
);
