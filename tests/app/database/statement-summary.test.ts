import { describe, expect, it } from 'vitest';
import { summarize } from '../../../src/app/database/statement-summary.ts';

describe('the summary of a statement', () => {
  it.each([
    ['select "id" from "users" where "id" = $1', 'SELECT', 'users'],
    ['select "a" from "app"."items" inner join "users" on true', 'SELECT', 'items'],
    ['insert into "items" ("id") values ($1) returning "id"', 'INSERT', 'items'],
    ['insert into "a" select "b" from "c"', 'INSERT', 'a'],
    ['update "app"."sessions" set "counter" = $1 from "users" where true', 'UPDATE', 'sessions'],
    ['delete from "sessions" where "id" = $1', 'DELETE', 'sessions'],
    ['with "p" as (select "id" from "users" for share) insert into "sessions" select 1 from "p"', 'INSERT', 'sessions'],
    ['with "p" as (select "id" from "users" for update) select "id" from "p"', 'SELECT', 'users'],
    ['with t as (insert into "x" ("a") values ($1) on conflict do update set "a" = 1) select 1', 'INSERT', 'x'],
    ['  begin', 'BEGIN', undefined],
    ['select 1', 'SELECT', undefined],
    ['', 'SQL', undefined],
  ])('%s is %s %s', (text, operation, table) => {
    expect(summarize(text)).toEqual({ operation, table });
  });
});
