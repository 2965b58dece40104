import { type Token, tokenize } from './tokens.ts';

/** One statement of a script, with what is written about it. */
export interface Statement {
  /** Without its semicolon and the comments around it. */
  sql: string;
  /** Where it begins, from 1. */
  line: number;
  column: number;
  /** The comments right above it, inside it, and behind it on its last line. */
  comments: readonly string[];
  /** Without spaces and comments. */
  tokens: readonly Token[];
}

interface Open {
  tokens: Token[];
  comments: string[];
  /** Of round brackets, and of `begin atomic … end` bodies: semicolons in them end nothing. */
  brackets: number;
  bodies: number;
  line: number;
  column: number;
}

/** Cuts a script into statements, at the semicolons where psql cuts it. */
export function splitStatements(script: string): Statement[] {
  const statements: (Statement & { comments: string[] })[] = [];
  let open = emptyStatement();
  let isOnLastLine = false;
  let line = 1;

  const close = (): void => {
    const first = open.tokens[0];
    if (first !== undefined)
      statements.push({
        sql: script.slice(first.start, endOfLast(open)),
        line: open.line,
        column: open.column,
        comments: open.comments,
        tokens: open.tokens,
      });
    open = emptyStatement();
  };

  for (const token of tokenize(script)) {
    if (token.kind === 'space') {
      if (token.text.includes('\n')) isOnLastLine = false;
      // A blank line parts a comment from the statement below it.
      if (open.tokens.length === 0 && /\n\s*\n/.test(token.text)) open.comments = [];
    } else if (token.kind === 'comment') {
      const previous = isOnLastLine ? statements.at(-1) : undefined;
      (previous ?? open).comments.push(token.text);
    } else if (token.text === ';' && open.brackets === 0 && open.bodies === 0) {
      close();
      isOnLastLine = true;
    } else {
      if (open.tokens.length === 0) {
        open.line = line;
        open.column = token.start - script.lastIndexOf('\n', token.start - 1);
      }
      open.tokens.push(token);
      track(open, token);
    }
    line += token.text.split('\n').length - 1;
  }
  close();
  return statements;
}

function emptyStatement(): Open {
  return { tokens: [], comments: [], brackets: 0, bodies: 0, line: 1, column: 1 };
}

function track(open: Open, { kind, text }: Token): void {
  const before = open.tokens.at(-2)?.text.toUpperCase();
  if (text === '(') open.brackets += 1;
  if (text === ')') open.brackets = Math.max(0, open.brackets - 1);
  if (kind !== 'word') return;
  const word = text.toUpperCase();
  if (word === 'ATOMIC' && before === 'BEGIN') open.bodies += 1;
  // Behind these two any word is a name.
  if (before === '.' || before === 'AS') return;
  if (open.bodies > 0 && word === 'CASE') open.bodies += 1;
  if (open.bodies > 0 && word === 'END') open.bodies -= 1;
}

function endOfLast({ tokens }: Open): number {
  const last = tokens.at(-1);
  return last === undefined ? 0 : last.start + last.text.length;
}
