/** A piece of SQL text as PostgreSQL's own scanner would cut it, as far as statements and names need it. */
export interface Token {
  kind: 'word' | 'name' | 'text' | 'number' | 'symbol' | 'comment' | 'space';
  text: string;
  start: number;
}

/** An escape string goes on in the next quotes if only white space with a line break, or comments, stand between. */
const CONTINUED = String.raw`'(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'`;
const LETTER = String.raw`A-Za-z_\u{80}-\u{10ffff}`;
const PIECE = new RegExp(
  [
    String.raw`--[^\n\r]*|\/\*`,
    String.raw`[eE]'(?:[^'\\]|\\.|''|${CONTINUED})*'`,
    `'(?:[^']|'')*'|"(?:[^"]|"")*"`,
    String.raw`\$(?:[${LETTER}][${LETTER}\d]*)?\$`,
    String.raw`[${LETTER}][${LETTER}\d$]*`,
    String.raw`\d[\w.]*|[ \t\n\r\f\v]+|.`,
  ].join('|'),
  'gsuy',
);

const IS_WORD = new RegExp(`^[${LETTER}]`, 'u');

/** Cuts SQL into tokens; together they are the whole text. An unclosed quote or comment reaches to the end. */
export function* tokenize(sql: string): Generator<Token> {
  for (let start = 0; start < sql.length; ) {
    PIECE.lastIndex = start;
    const piece = PIECE.exec(sql)?.[0] ?? sql.slice(start);
    const text = completed(sql, start, piece);
    yield { kind: kindOf(text), text, start };
    start += text.length;
  }
}

/** Block comments nest and dollar quotes end with their own tag: neither is regular. */
function completed(sql: string, start: number, piece: string): string {
  if (piece === '/*') return sql.slice(start, endOfComment(sql, start));
  if (piece.length > 1 && piece.startsWith('$')) {
    const end = sql.indexOf(piece, start + piece.length);
    return sql.slice(start, end === -1 ? sql.length : end + piece.length);
  }
  if (piece === "'" || piece === '"') return sql.slice(start);
  return piece;
}

function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (const { 0: mark, index } of sql.slice(start).matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return start + index + 2;
  }
  return sql.length;
}

function kindOf(text: string): Token['kind'] {
  if (text.startsWith('--') || text.startsWith('/*')) return 'comment';
  if (/^[ \t\n\r\f\v]/.test(text)) return 'space';
  if (/^(?:[eE]?'|\$.*\$)/s.test(text)) return 'text';
  if (text.startsWith('"')) return 'name';
  if (/^\d/.test(text)) return 'number';
  return IS_WORD.test(text) ? 'word' : 'symbol';
}
