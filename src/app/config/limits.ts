import { productLimits } from '../product.ts';
import { type Rate, rate } from '../utils/rates.ts';
import { Secret } from '../utils/secret.ts';
import { boolean, integer, redisUrl, type Setting, setting, word } from './settings.ts';

/** The settings of the limits; part of SETTINGS. */
export const LIMIT_SETTINGS = {
  RATE_LIMITS: setting({
    section: 'Limits',
    default: 'true',
    purpose: 'Whether the limits below hold; turn them off only for load tests',
    parse: boolean,
  }),
  LIMIT_LOGIN_FAILURES_PER_ACCOUNT: setting<Rate>({
    section: 'Limits',
    default: '10/15m',
    purpose:
      'Failed password proofs of one account, known device or session; after them the wait is one minute, doubling with every further failure up to the window',
    parse: rate,
  }),
  LIMIT_LOGIN_FAILURES_IN_A_ROW: setting({
    section: 'Limits',
    default: '100',
    unit: 'failures',
    purpose:
      'Failed password proofs of an account, known device or session without a right one between them, after which one attempt a day is left and a session ends',
    parse: integer(10, 100_000),
  }),
  LIMIT_LOGIN_FAILURES_PER_IP: setting<Rate>({
    section: 'Limits',
    default: '30/5m',
    purpose: 'Failed password proofs from one IPv4 address or IPv6 /64; wider networks have more',
    parse: rate,
  }),
  LIMIT_REFRESHES_PER_IP: setting<Rate>({
    section: 'Limits',
    default: '150/5m',
    purpose: 'Refreshes from one IPv4 address or IPv6 /64; wider networks have more',
    parse: rate,
  }),
  LIMIT_REGISTRATIONS_PER_IP: setting<Rate>({
    section: 'Limits',
    default: '300/5m',
    purpose: 'Registrations from one IPv4 address or IPv6 /64, refused ones too; wider networks have more',
    parse: rate,
  }),
  LIMIT_WRITES_PER_ACCOUNT: setting<Rate>({
    section: 'Limits',
    default: '1000/5m',
    purpose: 'POST, PUT and PATCH requests of one account, without those that end a session',
    parse: rate,
  }),
  REDIS_URL: setting<Secret<string> | undefined>({
    section: 'Limits',
    default: '',
    secret: true,
    purpose: 'Redis or Valkey that counts for the limits; empty: PostgreSQL counts',
    parse: (text) => (text === '' ? undefined : new Secret(redisUrl(text))),
  }),
  REDIS_PREFIX: setting({
    section: 'Limits',
    default: '',
    purpose:
      'First part of the keys in Redis; empty: derived from the database and its user, so that installations that share a Redis count apart',
    parse: (text) => (text === '' ? text : word(text)),
  }),
};

type OwnLimits = { [Name in keyof typeof productLimits & string as `LIMIT_${Uppercase<Name>}`]: Setting<Rate> };

/** The settings of the product's own limits; part of SETTINGS. */
// The names of the object are those of the type.
export const OWN_LIMIT_SETTINGS = Object.fromEntries(
  Object.entries<{ limit: string; purpose: string }>(productLimits).map(([name, { limit, purpose }]) => [
    `LIMIT_${name.toUpperCase()}`,
    setting<Rate>({ section: 'Limits', default: limit, purpose, parse: rate }),
  ]),
) as OwnLimits;
