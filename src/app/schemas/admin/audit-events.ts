import {
  closed,
  DateTimestamp,
  Id,
  NullableId,
  NullableIp,
  NullableString,
  NullableUserAgent,
  PageQuery,
} from '../common.ts';
import { ExportQuery } from '../exports.ts';
import { Type } from '../type.ts';

const Event = Type.String({
  pattern: '^[a-z_]+\\.[a-z_]+$',
  maxLength: 64,
  description: 'What happened: `thing.past`',
  examples: ['session.started'],
});

export const AuditEvent = Type.Object(
  {
    id: Id,
    created_at: DateTimestamp,
    event: Event,
    actor_id: NullableId({ description: 'Who did it; null for the operator and for nobody known' }),
    subject_id: NullableId({ description: 'Whose account it concerns; the account itself may be gone' }),
    session_id: NullableId({ description: 'The session that acted, or that began' }),
    ip: NullableIp,
    user_agent: NullableUserAgent,
    request_id: NullableString({ maxLength: 36, description: '`X-Request-Id` of the answer' }),
    details: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'AuditEvent' },
);

const filters = {
  actor_id: Type.Optional(Id),
  subject_id: Type.Optional(Id),
  event: Type.Optional(Event),
  since: Type.Optional(moment('The first moment that counts')),
  until: Type.Optional(moment('The first moment that counts no more')),
};

export const AuditQuery = Type.Object({ ...PageQuery.properties, ...filters }, closed);

export const AuditExportQuery = Type.Object({ ...ExportQuery.properties, ...filters }, closed);

function moment(description: string) {
  return Type.String({ format: 'date-time', maxLength: 40, description, examples: ['2026-11-01T00:00:00Z'] });
}
