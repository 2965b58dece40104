import { Registration } from '../../app/schemas/auth/registration.ts';
import { closed, enumOf, IdParams, PageQuery } from '../../app/schemas/common.ts';
import { Type } from '../../app/schemas/type.ts';
import { ACTIVITY_RANGES } from '../../app/services/admin/activity.ts';
import { FORMATS } from '../../app/services/admin/user-files.ts';
import { MAIL_KINDS } from '../../app/services/system/mail-kinds.ts';
import { LOCALES } from '../../app/utils/locales.ts';

/** Sent by the page that the log's link leads to. */
export const FirstAdministrator = Type.Object(
  { ...Registration.properties, token: Type.String({ minLength: 1, maxLength: 512 }) },
  { ...closed, title: 'FirstAdministrator' },
);

export const ActivityQuery = Type.Object({ range: enumOf(ACTIVITY_RANGES) }, closed);

export const JobQuery = Type.Object(
  {
    ...PageQuery.properties,
    state: Type.Optional(enumOf(['pending', 'done', 'dead'])),
    kind: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  closed,
);

export const HoldBody = Type.Object(
  { limit: Type.String({ minLength: 1, maxLength: 100 }), counted: Type.String({ minLength: 1, maxLength: 500 }) },
  closed,
);

export const MailSampleQuery = Type.Object(
  { kind: enumOf(MAIL_KINDS), locale: Type.Optional(enumOf(LOCALES)) },
  closed,
);

/** A file of users. What is longer, the command takes. */
export const UserFile = Type.Object(
  { format: enumOf(FORMATS), content: Type.String({ minLength: 1, maxLength: 500_000 }) },
  closed,
);

export const OneParams = IdParams;
