import { expect, it } from 'vitest';
import { redisPrefix } from '../../../../../src/app/services/auth/limits/redis.ts';
import { testConfig } from '../../../../helpers/api.ts';

const prefixOf = (url: string, environment: Record<string, string> = {}): string =>
  redisPrefix(testConfig(url, environment));

it('the prefix of the keys is that of the installation: its database, user and schema', () => {
  const production = prefixOf('postgresql://app.prod:secret@pooler.example:6543/postgres');
  expect(production).toMatch(/^back-[\w-]{10}$/);
  expect(prefixOf('postgresql://app.prod:another@pooler.example:5432/postgres')).toBe(production);
  for (const other of [
    prefixOf('postgresql://app.staging:secret@pooler.example:6543/postgres'),
    prefixOf('postgresql://app.prod:secret@staging.example:6543/postgres'),
    prefixOf('postgresql://app.prod:secret@pooler.example:6543/staging'),
    prefixOf('postgresql://app.prod:secret@pooler.example:6543/postgres', { DATABASE_SCHEMA: 'staging' }),
  ])
    expect(other).not.toBe(production);
});

it('REDIS_PREFIX replaces the prefix', () => {
  expect(prefixOf('postgresql://app@localhost/app', { REDIS_PREFIX: 'mine' })).toBe('mine');
});
