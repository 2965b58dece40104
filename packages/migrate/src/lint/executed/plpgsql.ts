/** A piece of SQL in the body of a routine. */
export interface Piece {
  text: string;
  /** A whole statement, a value, or a value that is the text of statements. */
  kind: 'statement' | 'value' | 'dynamic';
  /** It may not run. */
  isConditional: boolean;
}

/** Where what is inside may run or not, or more than once. */
const BRANCHES = /^PLpgSQL_stmt_(?:if|case|loop|while|for|dynfor)/;
const DYNAMIC = new Set(['PLpgSQL_stmt_dynexecute', 'PLpgSQL_stmt_dynfors']);
/** How the parser marks a whole statement. */
const STATEMENT_MODE = 0;
const ASSIGNMENT = /^[^'"$(]*?:?=\s*/;
const ASSIGNMENT_MODES = new Set([3, 4, 5]);

/** The pieces of SQL in the tree that the parser makes of a PL/pgSQL body, in their order. */
export function piecesOf(tree: unknown, isConditional = false): Piece[] {
  if (Array.isArray(tree)) return tree.flatMap((item) => piecesOf(item, isConditional));
  if (!isRecord(tree)) return [];
  return Object.entries(tree).flatMap(([key, value]) => piecesUnder(key, value, isConditional));
}

function piecesUnder(key: string, value: unknown, isConditional: boolean): Piece[] {
  if (!isRecord(value)) return piecesOf(value, isConditional);
  if (key === 'PLpgSQL_expr') return [pieceOf(value, isConditional)];
  if (key === 'dynquery') return dynamic(value, isConditional);
  if (DYNAMIC.has(key)) {
    const { query, ...rest } = value;
    const isLoop = BRANCHES.test(key);
    return [...dynamic(query, isConditional), ...piecesOf(rest, isConditional || isLoop)];
  }
  // A block that catches errors takes back what it did.
  const catches = key === 'PLpgSQL_stmt_block' && 'exceptions' in value;
  return piecesOf(value, isConditional || BRANCHES.test(key) || catches);
}

function pieceOf({ query, parseMode }: Record<string, unknown>, isConditional: boolean): Piece {
  const text = String(query);
  if (parseMode === STATEMENT_MODE || parseMode === undefined) return { text, kind: 'statement', isConditional };
  const value = ASSIGNMENT_MODES.has(Number(parseMode)) ? text.replace(ASSIGNMENT, '') : text;
  return { text: value, kind: 'value', isConditional };
}

function dynamic(query: unknown, isConditional: boolean): Piece[] {
  const expression = isRecord(query) ? query.PLpgSQL_expr : undefined;
  if (!isRecord(expression)) return [];
  return [{ text: String(expression.query), kind: 'dynamic', isConditional }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
