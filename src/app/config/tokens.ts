import { integer, setting, word } from './settings.ts';

const day = integer(1, 3650);

/** The settings of tokens and sessions. The issuer and the audience do not follow the product's name: a new value ends every session. */
export const TOKEN_SETTINGS = {
  MINUTES_TOKEN_EXPIRE: setting({
    section: 'Tokens',
    default: '60',
    unit: 'minutes',
    purpose: 'Life of an access token',
    parse: integer(1, 1440),
  }),
  DAYS_REFRESH_TOKEN_EXPIRE: setting({
    section: 'Tokens',
    default: '7',
    unit: 'days',
    purpose: 'Life of a refresh token; a session that is not refreshed within it ends',
    parse: day,
  }),
  DAYS_SESSION_MAX: setting({
    section: 'Tokens',
    default: '30',
    unit: 'days',
    purpose: 'Longest life of a session, refreshed or not',
    parse: day,
  }),
  REFRESH_REUSE_SECONDS: setting({
    section: 'Tokens',
    default: '10',
    unit: 'seconds',
    purpose:
      'Grace in which a used refresh token still answers with its successor, for lost responses and racing tabs; 0: none',
    parse: integer(0, 300),
  }),
  JWT_ISSUER: setting({
    section: 'Tokens',
    default: 'back-api',
    purpose: 'The `iss` claim, written and required',
    parse: word,
  }),
  JWT_AUDIENCE: setting({
    section: 'Tokens',
    default: 'back-api',
    purpose: 'The `aud` claim, written and required',
    parse: word,
  }),
};
