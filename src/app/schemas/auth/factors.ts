import { FACTOR_TYPES } from '../../models/auth/factors.ts';
import { closed, DateTimestamp, enumOf, Id, nullable } from '../common.ts';
import { Type } from '../type.ts';
import { TokenPair } from './tokens.ts';

const FactorName = Type.String({ minLength: 1, maxLength: 100, examples: ['Ada’s phone'] });
const FactorType = enumOf(FACTOR_TYPES);

export const RecoveryCodeList = Type.Array(Type.String({ maxLength: 16, examples: ['7K3QD-M0XW9'] }), { maxItems: 10 });

const Factor = Type.Object(
  {
    id: Id,
    type: FactorType,
    name: FactorName,
    is_active: Type.Boolean({ description: 'False until its first code was proved' }),
    created_at: DateTimestamp,
    last_used_at: nullable(DateTimestamp),
  },
  { title: 'Factor' },
);

export const FactorList = Type.Object(
  {
    items: Type.Array(Factor, { maxItems: 20 }),
    recovery_codes_left: Type.Integer({ minimum: 0, maximum: 10 }),
  },
  { title: 'FactorList' },
);

export const FactorCreate = Type.Object(
  { type: FactorType, name: Type.Optional(FactorName) },
  { ...closed, title: 'FactorCreate', examples: [{ type: 'totp', name: 'Ada’s phone' }] },
);

export const EnrolledFactor = Type.Object(
  {
    id: Id,
    secret: Type.String({ maxLength: 64, description: 'For an app without a camera; shown this once' }),
    otpauth_uri: Type.String({ maxLength: 1024, description: 'What the QR code says' }),
    qr_svg: Type.String({ maxLength: 65_536, description: 'The QR code as an SVG image' }),
  },
  { title: 'EnrolledFactor' },
);

/** Six digits; any text of this length is compared. */
export const FactorCode = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'The six digits of the app',
  examples: ['123456'],
});

export const FactorActivation = Type.Object(
  { code: FactorCode },
  { ...closed, title: 'FactorActivation', examples: [{ code: '123456' }] },
);

export const ActivatedFactor = Type.Object(
  { recovery_codes: RecoveryCodeList, ...Type.Partial(TokenPair).properties },
  {
    title: 'ActivatedFactor',
    description: 'The first factor comes with recovery codes, and ends an enrolment with a TokenPair',
  },
);
