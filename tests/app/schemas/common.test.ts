import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { TSchema } from 'typebox';
import { describe, expect, it } from 'vitest';
import {
  DateOnly,
  enumOf,
  Id,
  Json,
  listOf,
  Moment,
  Money,
  NullableString,
  nullable,
} from '../../../src/app/schemas/common.ts';

const ajv = new Ajv.default({ strict: false });
addFormats.default(ajv);

const accepted = (schema: TSchema, values: unknown[]): unknown[] => {
  const validate = ajv.compile(schema);
  return values.filter((value) => validate(value));
};

describe('a schema helper', () => {
  it('nullable takes what the schema takes, and null', () => {
    expect(accepted(nullable(enumOf(['open', 'done'])), ['open', null, 'shut', 1])).toEqual(['open', null]);
    expect(accepted(nullable(Id), [null, 'x'])).toEqual([null]);
    expect(accepted(nullable(listOf(enumOf(['a']))), [null, [], ['a'], ['b']])).toEqual([null, [], ['a']]);
    expect(accepted(nullable(NullableString({ maxLength: 1 })), ['a', 'ab', null])).toEqual(['a', null]);
  });

  it('Moment takes every offset, and no instant that PostgreSQL refuses', () => {
    const good = ['2026-11-23T07:07:55.426Z', '2026-11-23T07:07:55+05:30', '0001-01-01T00:00:00Z'];
    expect(accepted(Moment, [...good, '0000-01-01T00:00:00Z', '2026-12-31T23:59:60Z', '2026-11-23', ''])).toEqual(good);
  });

  it('DateOnly takes days of the calendar', () => {
    expect(accepted(DateOnly, ['2024-02-29', '2026-02-29', '0000-01-01', '2026-1-1'])).toEqual(['2024-02-29']);
  });

  it('Money takes two places', () => {
    expect(accepted(Money, ['19.90', '-0.01', '19.9', '19', '1e3', 19.9, '9'.repeat(14) + '.00'])).toEqual([
      '19.90',
      '-0.01',
    ]);
  });

  it('Json takes an object, listOf at most its number', () => {
    expect(accepted(Json, [{ a: [1] }, [], null])).toEqual([{ a: [1] }]);
    expect(accepted(listOf(Id, { maxItems: 0 }), [[], ['x']])).toEqual([[]]);
  });
});
