import type { Statement } from './statements.ts';
import type { Token } from './tokens.ts';

/** Words that stand before a table's name in the statements that lock it. */
const BEFORE_TABLE = new Set([
  'TABLE',
  'ON',
  'INTO',
  'UPDATE',
  'FROM',
  'REFERENCES',
  'TRUNCATE',
  'VIEW',
  'INDEX',
  'JOIN',
]);
const SKIPPED = new Set(['IF', 'NOT', 'EXISTS', 'ONLY', 'CONCURRENTLY']);

/** A name with its schema as it was written, from a position on; where the next token stands. */
export function nameAt(tokens: readonly Token[], position: number): { name: string; next: number } | undefined {
  const parts: string[] = [];
  let next = position;
  for (; isName(tokens[next]); next += 2) {
    parts.push(tokens[next]?.text ?? '');
    if (tokens[next + 1]?.text !== '.') return { name: parts.join('.'), next: next + 1 };
  }
  return parts.length === 0 ? undefined : { name: parts.join('.'), next };
}

/** The tables (or what may be one) that a statement names, as written, in the form that `to_regclass` reads. */
export function tablesIn({ tokens }: Pick<Statement, 'tokens'>): string[] {
  const names: string[] = [];
  tokens.forEach(({ kind, text }, index) => {
    if (kind !== 'word' || !BEFORE_TABLE.has(text.toUpperCase())) return;
    const found = nameAt(tokens, skipNoise(tokens, index + 1));
    if (found !== undefined) names.push(found.name);
  });
  return names;
}

/** The position behind words such as `if not exists`. */
export function skipNoise(tokens: readonly Token[], position: number): number {
  let next = position;
  while (tokens[next]?.kind === 'word' && SKIPPED.has(tokens[next]?.text.toUpperCase() ?? '')) next += 1;
  return next;
}

function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'name';
}
