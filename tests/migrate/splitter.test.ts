import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Grammar, loadGrammar, SyntaxProblem } from '../../packages/migrate/src/sql/grammar.ts';
import { splitStatements } from '../../packages/migrate/src/sql/statements.ts';
import { CORPUS } from './sql-corpus.ts';

const VERSIONS = join(import.meta.dirname, '../../migrations/versions');
/** Nothing but what may stand around a statement. */
const AROUND = /^(?:[ \t\n\r\f\v]|--[^\n\r]*|\/\*(?:(?!\/\*|\*\/).|\/\*(?:(?!\/\*|\*\/).)*\*\/)*\*\/)*$/s;

let grammar: Grammar;
beforeAll(async () => {
  grammar = await loadGrammar();
});

/** Holds the splitter's cuts against the grammar's: as many statements, each inside the grammar's, with nothing else there. */
function expectSameCuts(script: string): void {
  const expected = grammar.parse(script);
  const found = splitStatements(script);
  expect(found.map(({ sql }) => sql)).toHaveLength(expected.length);
  found.forEach(({ sql, tokens, line, column }, index) => {
    const start = tokens[0]?.start ?? -1;
    const end = start + sql.length;
    const cut = expected[index] ?? { start: -1, end: -1 };
    expect(script.slice(start, end)).toBe(sql);
    expect(script.slice(cut.start, start)).toMatch(AROUND);
    expect(script.slice(end, cut.end)).toMatch(AROUND);
    const lines = script.slice(0, start).split('\n');
    expect([line, column]).toEqual([lines.length, (lines.at(-1) ?? '').length + 1]);
  });
}

describe('the cuts of the splitter are those of the grammar', () => {
  const revisions = readdirSync(VERSIONS).flatMap((name) => [`${name}/upgrade.sql`, `${name}/downgrade.sql`]);
  it.each(revisions)('in %s', (file) => {
    expectSameCuts(readFileSync(join(VERSIONS, file), 'utf8'));
  });

  it.each(CORPUS)('in: %s', (script) => {
    expectSameCuts(script);
  });

  it('in the whole corpus as one script', () => {
    expectSameCuts(CORPUS.join('\n;\n'));
  });

  it('in generated scripts', () => {
    let accepted = 0;
    fc.assert(
      fc.property(scripts(), (script) => {
        try {
          grammar.parse(script);
        } catch (error) {
          if (error instanceof SyntaxProblem) return;
          throw error;
        }
        accepted += 1;
        expectSameCuts(script);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(2000);
  });
});

describe('the grammar', () => {
  it.each([
    ['select 1;\nselect a b c', 'syntax error at or near "c"', 21],
    ["select 'ü€😀' colum a b", 'syntax error at or near "a"', 20],
    ["select 'open", 'unterminated quoted string', 7],
    ['select 1 /* open', 'unterminated /* comment', 9],
    ['select $a$ open', 'unterminated dollar-quoted string', 7],
    ['select 1 \0 2', 'a zero character', 9],
  ])('refuses %j and says where', (script, message, offset) => {
    const problem = ((): unknown => {
      try {
        return grammar.parse(script);
      } catch (error) {
        return error;
      }
    })();
    expect(problem).toBeInstanceOf(SyntaxProblem);
    expect(problem).toMatchObject({ message: expect.stringContaining(message), offset });
  });

  it('parses no statement in a text without one', () => {
    expect(grammar.parse('')).toEqual([]);
    expect(grammar.parse(' -- nothing\n/* at all */ ;; ')).toEqual([]);
  });
});

/** Texts of the kinds that hide a semicolon, and statements that hold some. */
function scripts(): fc.Arbitrary<string> {
  const noise = fc
    .array(
      fc.constantFrom(
        ';',
        "''",
        '""',
        '--',
        '/*',
        '*/',
        '$$',
        '$a$',
        '\\',
        '\n',
        'é',
        '😀',
        'end',
        'case',
        '(',
        ')',
        ' ',
      ),
      {
        maxLength: 6,
      },
    )
    .map((pieces) => pieces.join(''));
  const space = fc.oneof(
    fc.constantFrom(' ', '\n', '\t', '\r\n', '  \n '),
    noise.map((text) => ` --${text.replaceAll(/[\n\r]/g, '')}\n`),
    noise.map((text) => ` /*${text.replaceAll(/\/\*|\*\//g, '')} */ `),
    noise.map((text) => ` /* a /* ${text.replaceAll(/\/\*|\*\//g, '')} */ b; */ `),
  );
  const literal = fc.oneof(
    noise.map((text) => `'${text}'`),
    noise.map((text) => `E'${text.replaceAll('\\', '\\\\')}\\'; '`),
    noise.map((text) => `E'a'\n'${text.replaceAll('\\', '\\\\')}\\';'`),
    noise.map((text) => `'a'\n'${text}'`),
    noise.map((text) => `$$${text.replaceAll('$', '')}$$`),
    noise.map((text) => `$a$${text.replaceAll('$a', '')} $a$`),
    noise.map((text) => `U&'${text.replaceAll('\\', '')}'`),
    fc.constantFrom('1', '1.5e3', 'null', '$1', '0x1F', "B'01'", "interval '1 day'"),
    noise.map((text) => `"a${text}"`),
    fc.constantFrom('a$b$c', 'naïve', 'x.end', 'e', '日本', '\u00a0x', 'case when 1 > 0 then 2 end', '(select 1)'),
  );
  const select = fc
    .tuple(space, fc.array(fc.tuple(literal, space), { minLength: 1, maxLength: 4 }))
    .map(([first, items]) => `select${first}${items.map(([text, after]) => text + after).join(',')}`);
  const body = fc
    .tuple(space, fc.array(select, { minLength: 1, maxLength: 3 }))
    .map(
      ([after, inner]) => `create function f() returns int language sql begin${after}atomic ${inner.join(';')}; end`,
    );
  const rule = fc
    .array(select, { minLength: 1, maxLength: 3 })
    .map((inner) => `create rule r as on insert to t do (${inner.join(';')})`);
  const block = noise.map((text) => `do $x$ begin ${text} end $x$`);
  return fc
    .array(fc.tuple(space, fc.oneof(select, select, body, rule, block, fc.constant('begin'), fc.constant('end'))), {
      maxLength: 5,
    })
    .map((parts) => parts.map(([before, text]) => before + text).join(';'));
}
