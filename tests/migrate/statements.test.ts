import { describe, expect, it } from 'vitest';
import { splitStatements } from '../../packages/migrate/src/sql/statements.ts';

describe('splitStatements', () => {
  const texts = (script: string): string[] => splitStatements(script).map(({ sql }) => sql);

  it.each([
    ['semicolons', 'select 1; select 2;\n\nselect 3', ['select 1', 'select 2', 'select 3']],
    ['a semicolon in a text', `select 'a;b', 'it''s;'; select 2`, [`select 'a;b', 'it''s;'`, 'select 2']],
    ['an escaped text', `select E'a\\';b'; select 2`, [`select E'a\\';b'`, 'select 2']],
    [
      'an escaped text that goes on',
      `select E'a' -- b;\n '\\';'; select 2`,
      [`select E'a' -- b;\n '\\';'`, 'select 2'],
    ],
    ['a quoted name', 'select ";""" ; select 2', ['select ";"""', 'select 2']],
    ['dollar quotes', 'do $$ begin; end $$; select 2', ['do $$ begin; end $$', 'select 2']],
    ['tagged dollar quotes', 'do $a$ x $$ ; $$ $a$; select 2', ['do $a$ x $$ ; $$ $a$', 'select 2']],
    ['a parameter that is no quote', 'select $1; select $2', ['select $1', 'select $2']],
    ['line comments', 'select 1 -- a;b\n; select 2', ['select 1', 'select 2']],
    ['nested block comments', 'select /* a; /* b; */ c; */ 1; select 2', ['select /* a; /* b; */ c; */ 1', 'select 2']],
    [
      'brackets',
      'create rule r as on insert to t do (select 1; select 2); select 3',
      ['create rule r as on insert to t do (select 1; select 2)', 'select 3'],
    ],
    [
      'a body in plain SQL',
      'create function f() begin atomic select case when true then 1 end; select 2; end; select 3',
      ['create function f() begin atomic select case when true then 1 end; select 2; end', 'select 3'],
    ],
    ['empty statements', ';;  ; -- nothing\n', []],
    ['an unclosed text', `select 'a; b`, [`select 'a; b`]],
    ['letters beyond ASCII', 'select ü; select "ж"', ['select ü', 'select "ж"']],
  ])('minds %s', (_, script, expected) => {
    expect(texts(script)).toEqual(expected);
  });

  it('gives a statement the comments above, inside and behind it, and its line', () => {
    const script = '-- header\n\n-- why\nselect 1 -- inside\n  + 1; -- behind\n-- next\nselect 2;';
    const [first, second] = splitStatements(script);
    expect(first).toMatchObject({ line: 4, comments: ['-- why', '-- inside', '-- behind'] });
    expect(second).toMatchObject({ line: 7, comments: ['-- next'] });
  });
});
