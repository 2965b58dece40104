import { DateTimestamp } from '../common.ts';
import { Type } from '../type.ts';

export const DevMailsQuery = Type.Object(
  { to: Type.Optional(Type.String({ maxLength: 320 })) },
  { additionalProperties: false },
);

export const DevMailParams = Type.Object({ id: Type.String({ maxLength: 64 }) });

export const DevMails = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      kind: Type.String(),
      to: Type.String(),
      subject: Type.String(),
      text: Type.String(),
      html: Type.String(),
      created_at: DateTimestamp,
    }),
  ),
});
